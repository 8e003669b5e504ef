/**
 * A semaphore with keys.
 *
 * @module
 */

import { checkInteger } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import { KeyedPermits, type KeyState, memoryOf, SHAPE } from "./keyed_permits.ts";
import { givenCells, travels } from "./memory.ts";
import type { Permit } from "./permit.ts";

/**
 * A semaphore for each key, such as two connections per host. Different keys never wait for each other.
 *
 * Pass the semaphore to a task as an argument to share it between threads or processes. A key without holders and
 * without waiters is forgotten. The permits of a thread or process that dies are released.
 *
 * **Order.** Within one loop, the waiters of a key are served first come, first served. Between threads, an awake
 * thread may overtake a sleeping one for a few milliseconds. **Cancellation.** A wait that ends early takes no permit
 * and leaves nothing behind. **Cost.** O(1); no system call unless the caller has to wait. A semaphore that is shared
 * with threads holds about 150,000 keys in use at once. **Memory.** A caller that acquires a permit sees every write
 * made before the permit was released.
 *
 * @example Open at most two connections per host
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { KeyedSemaphore } from "@heddle/heddle/sync";
 *
 * const connections = new KeyedSemaphore(2);
 * const permits = [await connections.acquire("a"), await connections.acquire("a"), await connections.acquire("b")];
 * assertEquals(connections.tryAcquire("a"), undefined);
 * permits.shift()!.release();
 * assertEquals([...connections.keys()].map(({ key, holders }) => [key, holders.length]), [["a", 1], ["b", 1]]);
 * permits.forEach((permit) => permit.release());
 * ```
 */
export class KeyedSemaphore {
  readonly #valuePerKey: number;
  readonly #permits: KeyedPermits;

  static {
    travels<KeyedSemaphore, number>(
      this,
      "KeyedSemaphore",
      import.meta.url,
      (semaphore) => memoryOf(semaphore.#permits, semaphore.#valuePerKey),
      (valuePerKey) => new KeyedSemaphore(valuePerKey),
      SHAPE,
    );
    printsAs(this, "KeyedSemaphore", []);
  }

  /**
   * Creates a semaphore with `valuePerKey` free permits for each key.
   *
   * @throws {RangeError} if `valuePerKey` is not an integer of at least 1.
   */
  constructor(valuePerKey: number) {
    this.#valuePerKey = checkInteger("Cannot make a KeyedSemaphore as 'valuePerKey'", valuePerKey, 1, 2 ** 31 - 1);
    this.#permits = new KeyedPermits({ name: "KeyedSemaphore", limit: valuePerKey, isLock: false }, givenCells());
  }

  /**
   * Waits for a permit of the key.
   *
   * @param options the limits of the wait.
   * @returns the permit; release it after use.
   * @throws {TimeoutError} if no permit becomes free in time.
   * @throws {RangeError} if the memory shared with threads has no space for another key.
   * @throws the signal's reason if it is aborted.
   */
  acquire(key: string, options?: WaitOptions): Promise<Permit> {
    return this.#permits.acquire(key, options);
  }

  /** Acquires a permit of the key if one is free, or returns undefined. */
  tryAcquire(key: string): Permit | undefined {
    return this.#permits.tryAcquire(key);
  }

  /** Blocks the thread until a permit of the key is free, and acquires it. Throws the same errors as `acquire`. */
  acquireSync(key: string, options?: WaitOptions): Permit {
    return this.#permits.acquireSync(key, options);
  }

  /**
   * Acquires a permit of the key, runs a function, and releases the permit when the function returns, throws or its
   * promise settles.
   *
   * @typeParam T the type of the function's result.
   */
  async run<T>(key: string, fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    // If a permit is free, `take` creates no promise. In another process, `acquire` is replaced by a remote call.
    const inProcess = this.acquire === KeyedSemaphore.prototype.acquire;
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
