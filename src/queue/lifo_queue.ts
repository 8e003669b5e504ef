/**
 * A stack that one can wait at.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import { abandonItems, putBack, Queue, useStorage } from "./queue.ts";
import { servesQueues } from "./serving.ts";
import { LifoStorage } from "./storage.ts";

/**
 * A queue whose newest item is next; everything else is as in a `Queue`.
 *
 * **Order.** Of items, last in, first out; those who wait are served first come, first served. **Cancellation.** A wait
 * that ends early takes no item and leaves none behind. **Cost.** O(1).
 *
 * @typeParam T the items.
 *
 * @example The newest first
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LifoQueue } from "@heddle/heddle/queue";
 *
 * const queue = new LifoQueue<string>();
 * for (const name of ["a", "b", "c"]) await queue.put(name);
 * assertEquals([await queue.get(), await queue.get(), await queue.get()], ["c", "b", "a"]);
 * ```
 */
export class LifoQueue<T> extends Queue<T> {
  static {
    servesQueues<LifoQueue<unknown>>(this, "LifoQueue", import.meta.url, abandonItems, putBack);
    printsAs(this, "LifoQueue", ["size", "maxSize", "unfinished", "isShutDown"]);
  }

  /**
   * Makes a queue.
   *
   * @param maxSize how many items fit in; any number if it is 0 or less.
   */
  constructor(maxSize = 0) {
    super(maxSize);
    useStorage(this, new LifoStorage<T>());
  }
}
