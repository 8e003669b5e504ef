/**
 * A semaphore for each key.
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
 * A number of permits for each key, such as two connections for each host. Two keys never wait for each other.
 *
 * The same object serves one loop, threads and processes: pass it to a task as an argument. A key without holder and waiter is
 * forgotten. A thread or process that dies gives its permits back.
 *
 * **Order.** For each key, in one loop first come, first served. Between threads a thread that is awake may go first, for some
 * milliseconds at most. **Cancellation.** A wait that ends early takes no permit and leaves nothing behind. **Cost.** O(1); without
 * waiting no system call. Once the object is shared with threads, some 150,000 keys can be in use at once. **Memory.** A caller
 * that acquires a permit sees everything that was done before it was released.
 *
 * @example Two connections for each host
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
   * Makes a semaphore with `valuePerKey` permits for each key, all of them free.
   *
   * @throws {RangeError} if that is not an integer of at least 1.
   */
  constructor(valuePerKey: number) {
    this.#valuePerKey = checkInteger("Cannot make a KeyedSemaphore as 'valuePerKey'", valuePerKey, 1, 2 ** 31 - 1);
    this.#permits = new KeyedPermits({ name: "KeyedSemaphore", limit: valuePerKey, isLock: false }, givenCells());
  }

  /**
   * Waits for a permit of the key.
   *
   * @param options the limits of the wait.
   * @returns the permit, which gives itself back to the key.
   * @throws {TimeoutError} if no permit is free in time.
   * @throws {RangeError} if the memory that is shared with threads has no space for another key.
   * @throws the signal's reason if it is aborted.
   */
  acquire(key: string, options?: WaitOptions): Promise<Permit> {
    return this.#permits.acquire(key, options);
  }

  /** Takes a permit of the key if one is free; otherwise returns undefined. */
  tryAcquire(key: string): Permit | undefined {
    return this.#permits.tryAcquire(key);
  }

  /** Blocks this thread until a permit of the key is free. Throws what `acquire` rejects with. */
  acquireSync(key: string, options?: WaitOptions): Permit {
    return this.#permits.acquireSync(key, options);
  }

  /**
   * Runs a function while it has a permit of the key, and gives the permit back however the function ends.
   *
   * @typeParam T what the function returns.
   */
  async run<T>(key: string, fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    // Without a wait it costs no promise. In another process `acquire` is another.
    const here = this.acquire === KeyedSemaphore.prototype.acquire;
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
