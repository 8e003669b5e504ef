/**
 * A priority queue within one event loop.
 *
 * @module
 */

import { checkFunction, show } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import { SortedLine } from "../core/sorted_line.ts";
import { checkOrderable, compareNaturally } from "./natural_order.ts";
import { abandonItems, putBack, Queue, useStorage } from "./queue.ts";
import { servesQueues } from "./serving.ts";
import type { Storage } from "./storage.ts";

/** Options of a priority queue. */
export interface PriorityQueueOptions<T> {
  /**
   * Returns a number below 0 if `a` comes before `b`, above 0 if `a` comes after `b`, and 0 if they are equal. The
   * function is called when an item is put; an exception in it rejects the put.
   */
  compare?: ((a: T, b: T) => number) | undefined;
}

// deno-lint-ignore no-explicit-any -- the names are the same for all items
const OPTIONS: OptionNames<PriorityQueueOptions<any>> = optionNames<PriorityQueueOptions<any>>({ compare: true });

/**
 * A queue that returns the lowest item first. In all other respects it is a `Queue`.
 *
 * Numbers, bigints and strings are compared as with `<`, tuples item by item: `[priority, item]`. Other items need
 * `compare`. `put` rejects an item that cannot be compared with an item in the queue: a string among numbers, NaN, or a
 * tuple that differs from another one only in an object.
 *
 * **Order.** The lowest item comes first, equal items in order of arrival; waiters are served first come, first served.
 * **Cancellation.** A wait that ends early takes no item and leaves none behind. **Cost.** O(log n) comparisons to put,
 * O(1) to get.
 *
 * @typeParam T the type of the items.
 *
 * @example Get the most urgent item first
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { PriorityQueue } from "@heddle/heddle/queue";
 *
 * const queue = new PriorityQueue<[priority: number, name: string]>();
 * await queue.put([2, "write"]);
 * await queue.put([1, "think"]);
 * assertEquals(await queue.get(), [1, "think"]);
 * ```
 *
 * @example Use a custom order
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { PriorityQueue } from "@heddle/heddle/queue";
 *
 * const compare = (a: { due: number }, b: { due: number }) => a.due - b.due;
 * const queue = new PriorityQueue(0, { compare });
 * for (const due of [30, 10, 20]) queue.tryPut({ due });
 * assertEquals(queue.tryGet(), { due: 10 });
 * ```
 */
export class PriorityQueue<T> extends Queue<T> {
  static {
    servesQueues<PriorityQueue<unknown>>(this, "PriorityQueue", import.meta.url, abandonItems, putBack);
    printsAs(this, "PriorityQueue", ["size", "maxSize", "unfinished", "isShutDown"]);
  }

  /**
   * Creates a queue.
   *
   * @param maxSize the maximum number of items; unbounded if 0 or negative.
   */
  constructor(maxSize = 0, options: PriorityQueueOptions<T> = {}) {
    super(maxSize);
    const { compare } = checkOptions("Cannot make a queue as 'options'", options, OPTIONS);
    if (compare !== undefined) checkFunction("Cannot make a queue as 'compare'", compare);
    useStorage(this, compare === undefined ? new NaturalStorage<T>() : new SortedLine(numeric(compare)));
  }
}

/** Storage for items with a natural order. */
class NaturalStorage<T> extends SortedLine<T> implements Storage<T> {
  constructor() {
    super(compareNaturally);
  }

  override add(item: T): void {
    checkOrderable(item);
    super.add(item);
  }

  override check(item: T): void {
    checkOrderable(item);
    super.check(item);
  }
}

/** Rejects a result that is not a number, which would otherwise be taken for an order. */
function numeric<T>(compare: (a: T, b: T) => number): (a: T, b: T) => number {
  return (a, b) => {
    const order = compare(a, b);
    if (order <= 0 || order > 0) return order;
    throw new TypeError(`Cannot put as 'compare' must return a number: current value is ${show(order)}`);
  };
}
