/**
 * A queue without limits.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import { isServed } from "../sync/remote.ts";
import { itemsOf, putBack, Queue, type QueueShutdownOptions } from "./queue.ts";

/** The queue behind a simple one. */
export let queueOf: <T>(simple: SimpleQueue<T>) => Queue<T>;

/**
 * A queue in which there is always room, so that putting never waits: the oldest item is next.
 *
 * **Order.** Those who wait to get are served first come, first served. **Cancellation.** A wait that ends early takes no
 * item. **Cost.** O(1); putting allocates nothing but, now and then, a larger ring.
 *
 * @typeParam T the items.
 *
 * @example From a callback to a loop
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SimpleQueue } from "@heddle/heddle/queue";
 *
 * const lines = new SimpleQueue<string>();
 * const got = lines.get();
 * lines.put("hello");
 * assertEquals([await got, lines.tryGet()], ["hello", undefined]);
 * ```
 */
export class SimpleQueue<T> implements AsyncIterable<T>, Disposable {
  readonly #queue = new Queue<T>();

  static {
    queueOf = (simple) => simple.#queue;
    isServed<SimpleQueue<unknown>, null>({
      Class: this,
      name: "SimpleQueue",
      module: import.meta.url,
      data: () => null,
      make: () => new SimpleQueue(),
      shape: { waits: ["get"], calls: ["put"], posts: ["shutdown"], made: [] },
    }, {
      takeBack: (simple, _scope, method, _args, item) => {
        if (method === "get") putBack(simple.#queue, item);
      },
    });
    printsAs(this, "SimpleQueue", ["size", "isShutDown"]);
  }

  /** How many items are in it. */
  get size(): number {
    return this.#queue.size;
  }

  /** Whether there is nothing to get. */
  get empty(): boolean {
    return this.#queue.empty;
  }

  /** Whether it was shut down. */
  get isShutDown(): boolean {
    return this.#queue.isShutDown;
  }

  /**
   * Adds an item.
   *
   * @throws {QueueShutDownError} if the queue is shut down; its `value` is the item.
   */
  put(item: T): void {
    this.#queue.tryPut(item);
  }

  /**
   * Takes the oldest item; waits while there is none.
   *
   * @throws {QueueEmptyError} if there is none in time.
   * @throws {QueueShutDownError} if there is none and the queue is shut down, or is meanwhile.
   * @throws the signal's reason if it is aborted.
   */
  get(options?: WaitOptions): Promise<T> {
    return this.#queue.get(options);
  }

  /**
   * Takes the oldest item, or returns `undefined` if there is none.
   *
   * @throws {QueueShutDownError} if there is none and the queue is shut down.
   */
  tryGet(): T | undefined {
    return this.#queue.tryGet();
  }

  /** Ends the queue: nothing can be put any more; what is in it can still be got, unless `immediate` discards it. */
  shutdown(options?: QueueShutdownOptions): void {
    this.#queue.shutdown(options);
  }

  /** Takes item after item, waiting where there is none, until the queue is shut down and empty. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return itemsOf(this, () => this.isShutDown);
  }

  /** Shuts down. */
  [Symbol.dispose](): void {
    this.#queue.shutdown();
  }
}
