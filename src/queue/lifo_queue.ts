/**
 * A last-in, first-out queue within one event loop.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import { abandonItems, putBack, Queue, useStorage } from "./queue.ts";
import { servesQueues } from "./serving.ts";
import { LifoStorage } from "./storage.ts";

/**
 * A queue that returns the newest item first. In all other respects it is a `Queue`.
 *
 * **Order.** Items are last in, first out; waiters are served first come, first served. **Cancellation.** A wait that
 * ends early takes no item and leaves none behind. **Cost.** O(1).
 *
 * @typeParam T the type of the items.
 *
 * @example Get the newest item first
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
   * Creates a queue.
   *
   * @param maxSize the maximum number of items; unbounded if 0 or negative.
   */
  constructor(maxSize = 0) {
    super(maxSize);
    useStorage(this, new LifoStorage<T>());
  }
}
