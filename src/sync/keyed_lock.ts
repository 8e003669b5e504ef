/**
 * A lock for each key.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import { KeyedPermits, type KeyState, memoryOf, SHAPE } from "./keyed_permits.ts";
import { givenCells, travels } from "./memory.ts";
import type { Permit } from "./permit.ts";

/**
 * A lock for each key, such as the name of a file or the number of a customer: callers of one key exclude each other, and two keys
 * never wait for each other.
 *
 * The same object serves one loop, threads and processes: pass it to a task as an argument. It is not reentrant. A key without
 * holder and waiter is forgotten. When a thread or process dies, callers that wait for the keys it holds get an `AbandonedError`,
 * and then the keys are free.
 *
 * **Order.** For each key, in one loop first come, first served. Between threads a thread that is awake may go first, for some
 * milliseconds at most. **Cancellation.** A wait that ends early leaves nothing behind. **Cost.** O(1); without waiting no system
 * call. Once the object is shared with threads, some 150,000 keys can be in use at once. **Memory.** A caller that acquires a key
 * sees everything that was done before the key was released.
 *
 * @example One write at a time for each file
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

  /** Makes a lock of which no key is held. */
  constructor() {
    this.#permits = new KeyedPermits({ name: "KeyedLock", limit: 1, isLock: true }, givenCells());
  }

  /**
   * Waits until the key is free, and takes it.
   *
   * @param options the limits of the wait.
   * @returns the permit, which releases the key.
   * @throws {TimeoutError} if the key is not free in time.
   * @throws {AbandonedError} if the thread or process that holds it dies; the key is free then.
   * @throws {RangeError} if the memory that is shared with threads has no space for another key.
   * @throws the signal's reason if it is aborted.
   */
  acquire(key: string, options?: WaitOptions): Promise<Permit> {
    return this.#permits.acquire(key, options);
  }

  /** Takes the key if it is free; otherwise returns undefined. */
  tryAcquire(key: string): Permit | undefined {
    return this.#permits.tryAcquire(key);
  }

  /** Blocks this thread until the key is free, and takes it. Throws what `acquire` rejects with. */
  acquireSync(key: string, options?: WaitOptions): Permit {
    return this.#permits.acquireSync(key, options);
  }

  /**
   * Runs a function while it holds the key, and releases the key however the function ends.
   *
   * @typeParam T what the function returns.
   */
  async run<T>(key: string, fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    // Without a wait it costs no promise. In another process `acquire` is another.
    const here = this.acquire === KeyedLock.prototype.acquire;
    const taken = here ? this.#permits.take(key, options) : this.acquire(key, options);
    const permit = taken instanceof Promise ? await taken : taken;
    try {
      return await fn();
    } finally {
      permit.release();
    }
  }

  /** Returns the keys that are held or waited for: a snapshot, stale when read. */
  keys(): Iterable<KeyState> {
    return this.#permits.list();
  }
}
