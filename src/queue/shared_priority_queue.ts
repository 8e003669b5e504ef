/**
 * A queue in memory that all threads see, in the order of its items.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import { readOptions } from "../core/options.ts";
import { OPTIONS, SharedQueue, type SharedQueueOptions, withOrder } from "./shared_queue.ts";
import { travelsShared } from "./shared_travel.ts";
import { SharedTree } from "./shared_tree.ts";

/**
 * A queue in memory that all threads see, whose lowest item is next; everything else is as in a `SharedQueue`.
 *
 * Numbers, bigints and strings are compared as `<` does, tuples item by item: `[priority, item]`. An item that has no order
 * with one that is in the queue is refused when it is put, and so is what has none at all: functions do not travel, so that
 * there is no `compare`.
 *
 * **Order.** Of items, lowest first, equal ones in order of arrival; those who wait in one thread are served first come, first
 * served. **Cancellation.** A wait that ends early takes no item and leaves none behind. **Cost.** O(log n), and the copy.
 * **Memory.** Who gets an item sees everything that was done before it was put.
 *
 * @typeParam T the items.
 *
 * @example The most urgent first
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SharedPriorityQueue } from "@heddle/heddle/queue";
 *
 * const queue = new SharedPriorityQueue<[priority: number, name: string]>();
 * await queue.put([2, "write"]);
 * await queue.put([1, "think"]);
 * assertEquals(await queue.get(), [1, "think"]);
 * ```
 */
export class SharedPriorityQueue<T> extends SharedQueue<T> {
  static {
    travelsShared<SharedPriorityQueue<unknown>>(this, "SharedPriorityQueue", import.meta.url);
    printsAs(this, "SharedPriorityQueue", ["size", "maxSize", "unfinished", "isShutDown"]);
  }

  /**
   * Makes a queue.
   *
   * @throws {TypeError} if there is a `compare`, which cannot travel.
   * @throws {RangeError} if a size is none, or if there is not so much memory.
   */
  constructor(options?: SharedQueueOptions) {
    if (options !== undefined && "compare" in readOptions("Cannot make a queue as 'options'", options, OPTIONS)) {
      throw new TypeError(
        "Cannot make a queue as 'compare' is a function, which other threads do not have: put tuples",
      );
    }
    super(withOrder(options, (records, region) => new SharedTree(region, (record) => records.read(record)), true));
  }
}
