/**
 * A queue in the order of its items.
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

/** What a priority queue goes by. */
export interface PriorityQueueOptions<T> {
  /**
   * Returns a number below 0 if `a` is to be got before `b`, above 0 if after it, 0 if they are equal. It is called when an
   * item is put, and what it throws rejects that.
   */
  compare?: ((a: T, b: T) => number) | undefined;
}

// deno-lint-ignore no-explicit-any -- the names are the same for all items
const OPTIONS: OptionNames<PriorityQueueOptions<any>> = optionNames<PriorityQueueOptions<any>>({ compare: true });

/**
 * A queue whose lowest item is next; everything else is as in a `Queue`.
 *
 * Numbers, bigints and strings are compared as `<` does, tuples item by item: `[priority, item]`. Anything else needs
 * `compare`. An item that has no order with one that is in the queue is refused when it is put: a string among numbers, NaN, a
 * tuple that differs from another one in nothing but an object.
 *
 * **Order.** Of items, lowest first, equal ones in order of arrival; those who wait are served first come, first served.
 * **Cancellation.** A wait that ends early takes no item and leaves none behind. **Cost.** Putting takes O(log n)
 * comparisons, getting O(1).
 *
 * @typeParam T the items.
 *
 * @example The most urgent first
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
 * @example An order of one's own
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
   * Makes a queue.
   *
   * @param maxSize how many items fit in; any number if it is 0 or less.
   */
  constructor(maxSize = 0, options: PriorityQueueOptions<T> = {}) {
    super(maxSize);
    const { compare } = checkOptions("Cannot make a queue as 'options'", options, OPTIONS);
    if (compare !== undefined) checkFunction("Cannot make a queue as 'compare'", compare);
    useStorage(this, compare === undefined ? new NaturalStorage<T>() : new SortedLine(numeric(compare)));
  }
}

/** Items that have an order by themselves. */
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

/** Without this, what says nothing would be taken for an order. */
function numeric<T>(compare: (a: T, b: T) => number): (a: T, b: T) => number {
  return (a, b) => {
    const order = compare(a, b);
    if (order <= 0 || order > 0) return order;
    throw new TypeError(`Cannot put as 'compare' must return a number: current value is ${show(order)}`);
  };
}
