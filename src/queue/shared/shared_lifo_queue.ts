/**
 * A last-in, first-out queue in shared memory.
 *
 * @module
 */

import { printsAs } from "../../core/inspect.ts";
import { SharedLifo } from "./order.ts";
import { SharedQueue, type SharedQueueOptions, withOrder } from "./shared_queue.ts";
import { travelsShared } from "./travel.ts";

/**
 * A queue in shared memory that returns the newest item first. In all other respects it is a `SharedQueue`.
 *
 * **Order.** Items are last in, first out; waiters of one thread are served first come, first served. **Cancellation.**
 * A wait that ends early takes no item and leaves none behind. **Cost.** O(1), plus the copy. **Memory.** The taker of
 * an item sees everything that was written before the item was put.
 *
 * @typeParam T the type of the items.
 *
 * @example Get the newest item first
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SharedLifoQueue } from "@heddle/heddle/queue";
 *
 * const queue = new SharedLifoQueue<string>();
 * for (const name of ["a", "b", "c"]) queue.putSync(name);
 * assertEquals([queue.getSync(), queue.getSync(), queue.getSync()], ["c", "b", "a"]);
 * ```
 */
export class SharedLifoQueue<T> extends SharedQueue<T> {
  static {
    travelsShared<SharedLifoQueue<unknown>>(this, "SharedLifoQueue", import.meta.url);
    printsAs(this, "SharedLifoQueue", ["size", "maxSize", "unfinished", "isShutDown"]);
  }

  /**
   * Creates a queue.
   *
   * @throws {TypeError} if `options` is not an object.
   * @throws {RangeError} if a size is out of range or the memory cannot be allocated.
   */
  constructor(options?: SharedQueueOptions) {
    super(withOrder(options, (_, region) => new SharedLifo(region)));
  }
}
