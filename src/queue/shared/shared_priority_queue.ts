/**
 * A priority queue in shared memory.
 *
 * @module
 */

import { printsAs } from "../../core/inspect.ts";
import { readOptions } from "../../core/options.ts";
import { OPTIONS, SharedQueue, type SharedQueueOptions, withOrder } from "./shared_queue.ts";
import { travelsShared } from "./travel.ts";
import { SharedTree } from "./tree.ts";

/**
 * A queue in shared memory that returns the lowest item first. In all other respects it is a `SharedQueue`.
 *
 * Numbers, bigints and strings are compared as with `<`, tuples item by item: `[priority, item]`. `put` rejects other
 * items, and items that cannot be compared with an item in the queue. There is no `compare` option, because functions
 * cannot travel.
 *
 * **Order.** The lowest item comes first, equal items in order of arrival; waiters of one thread are served first come,
 * first served. **Cancellation.** A wait that ends early takes no item and leaves none behind. **Cost.** O(log n), plus
 * the copy. **Memory.** The taker of an item sees everything that was written before the item was put.
 *
 * @typeParam T the type of the items.
 *
 * @example Get the most urgent item first
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
   * Creates a queue.
   *
   * @throws {TypeError} if `options` is not an object or has a `compare` function, which cannot travel.
   * @throws {RangeError} if a size is out of range or the memory cannot be allocated.
   */
  constructor(options?: SharedQueueOptions) {
    if (options !== undefined && "compare" in readOptions("Cannot make a queue as 'options'", options, OPTIONS)) {
      throw new TypeError(
        "Cannot make a shared queue with 'compare': functions cannot travel; put tuples such as [priority, item]",
      );
    }
    super(withOrder(options, (records, region) => new SharedTree(region, (record) => records.read(record)), true));
  }
}
