/**
 * An unbounded queue within one event loop.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import { isServed } from "../sync/remote.ts";
import { itemsOf, putBack, Queue, type QueueShutdownOptions } from "./queue.ts";

/** The queue inside a simple queue. */
export let queueOf: <T>(simple: SimpleQueue<T>) => Queue<T>;

/**
 * An unbounded first-in, first-out queue. `put` never waits.
 *
 * **Order.** Waiting getters are served first come, first served. **Cancellation.** A wait that ends early takes no
 * item. **Cost.** O(1); `put` allocates only when the ring buffer has to grow.
 *
 * @typeParam T the type of the items.
 *
 * @example Pass an item from a callback to an async function
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

  /** The number of items in the queue. */
  get size(): number {
    return this.#queue.size;
  }

  /** Whether the queue has no items. */
  get empty(): boolean {
    return this.#queue.empty;
  }

  /** Whether the queue is shut down. */
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
   * Removes and returns the oldest item. Waits while the queue is empty.
   *
   * @throws {QueueEmptyError} if no item arrives in time.
   * @throws {QueueShutDownError} if the queue is empty and shut down, also during the wait.
   * @throws the signal's reason if the signal is aborted.
   */
  get(options?: WaitOptions): Promise<T> {
    return this.#queue.get(options);
  }

  /**
   * Removes and returns the oldest item, or returns `undefined` if the queue is empty.
   *
   * @throws {QueueShutDownError} if the queue is empty and shut down.
   */
  tryGet(): T | undefined {
    return this.#queue.tryGet();
  }

  /** Shuts the queue down: no item can be put. The remaining items can be taken, unless `immediate` discards them. */
  shutdown(options?: QueueShutdownOptions): void {
    this.#queue.shutdown(options);
  }

  /** Takes items until the queue is shut down and empty. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return itemsOf(this, () => this.isShutDown);
  }

  /** Shuts the queue down. */
  [Symbol.dispose](): void {
    this.#queue.shutdown();
  }
}
