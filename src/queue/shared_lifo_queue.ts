/**
 * A stack in memory that all threads see.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import { SharedLifo } from "./shared_order.ts";
import { SharedQueue, type SharedQueueOptions, withOrder } from "./shared_queue.ts";
import { travelsShared } from "./shared_travel.ts";

/**
 * A queue in memory that all threads see, whose newest item is next; everything else is as in a `SharedQueue`.
 *
 * **Order.** Of items, last in, first out; those who wait in one thread are served first come, first served. **Cancellation.**
 * A wait that ends early takes no item and leaves none behind. **Cost.** O(1), and the copy. **Memory.** Who gets an item
 * sees everything that was done before it was put.
 *
 * @typeParam T the items.
 *
 * @example The newest first
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

  /** Makes a queue. */
  constructor(options?: SharedQueueOptions) {
    super(withOrder(options, (_, region) => new SharedLifo(region)));
  }
}
