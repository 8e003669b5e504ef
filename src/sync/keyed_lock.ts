/**
 * A lock with keys.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import { KeyedPermits, type KeyState, memoryOf, SHAPE } from "./keyed_permits.ts";
import { givenCells, travels } from "./memory.ts";
import type { Permit } from "./permit.ts";

/**
 * A lock for each key, such as a file name or a customer number. Callers of the same key exclude each other; different
 * keys never wait for each other.
 *
 * Pass the lock to a task as an argument to share it between threads or processes. It is not reentrant. A key without a
 * holder and without waiters is forgotten. If a thread or process dies, callers that wait for its keys get an
 * `AbandonedError`, and the keys are free.
 *
 * **Order.** Within one loop, the waiters of a key are served first come, first served. Between threads, an awake
 * thread may overtake a sleeping one for a few milliseconds. **Cancellation.** A wait that ends early leaves nothing
 * behind. **Cost.** O(1); no system call unless the caller has to wait. A lock that is shared with threads holds about
 * 150,000 keys in use at once. **Memory.** A caller that acquires a key sees every write made before the key was
 * released.
 *
 * @example Write to each file one call at a time
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { KeyedLock } from "@heddle/heddle/sync";
 *
 * const files = new KeyedLock();
 * const log: string[] = [];
 * const write = (file: string, text: string) =>
 *   files.run(file, async () => {
 *     log.push(`begin ${text}`);
 *     await null;
 *     log.push(`end ${text}`);
 *   });
 * await Promise.all([write("a", "1"), write("a", "2")]);
 * assertEquals(log, ["begin 1", "end 1", "begin 2", "end 2"]);
 * assertEquals([...files.keys()], []);
 * ```
 */
export class KeyedLock {
  readonly #permits: KeyedPermits;

  static {
    travels<KeyedLock, null>(
      this,
      "KeyedLock",
      import.meta.url,
      (lock) => memoryOf(lock.#permits, null),
      () => new KeyedLock(),
      SHAPE,
    );
    printsAs(this, "KeyedLock", []);
  }

  /** Creates a lock whose keys are all free. */
  constructor() {
    this.#permits = new KeyedPermits({ name: "KeyedLock", limit: 1, isLock: true }, givenCells());
  }

  /**
   * Waits until the key is free, and acquires it.
   *
   * @param options the limits of the wait.
   * @returns the permit, which releases the key.
   * @throws {TimeoutError} if the key does not become free in time.
   * @throws {AbandonedError} if the thread or process that holds the key dies; the key is then free.
   * @throws {RangeError} if the memory shared with threads has no space for another key.
   * @throws the signal's reason if it is aborted.
   */
  acquire(key: string, options?: WaitOptions): Promise<Permit> {
    return this.#permits.acquire(key, options);
  }

  /** Acquires the key if it is free, or returns undefined. */
  tryAcquire(key: string): Permit | undefined {
    return this.#permits.tryAcquire(key);
  }

  /** Blocks the thread until the key is free, and acquires it. Throws the same errors as `acquire`. */
  acquireSync(key: string, options?: WaitOptions): Permit {
    return this.#permits.acquireSync(key, options);
  }

  /**
   * Acquires the key, runs a function, and releases the key when the function returns, throws or its promise settles.
   *
   * @typeParam T the type of the function's result.
   */
  async run<T>(key: string, fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    // If the key is free, `take` creates no promise. In another process, `acquire` is replaced by a remote call.
    const inProcess = this.acquire === KeyedLock.prototype.acquire;
    const taken = inProcess ? this.#permits.take(key, options) : this.acquire(key, options);
    const permit = taken instanceof Promise ? await taken : taken;
    try {
      return await fn();
    } finally {
      permit.release();
    }
  }

  /** Returns a snapshot of the keys that are held or waited for. */
  keys(): Iterable<KeyState> {
    return this.#permits.list();
  }
}
