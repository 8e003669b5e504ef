/**
 * A first-in, first-out queue within one event loop.
 *
 * @module
 */

import { checkFunction, checkInteger, checkOneOf } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import {
  type AbandonedError,
  InvalidStateError,
  QueueEmptyError,
  QueueFullError,
  QueueShutDownError,
  TimeoutError,
} from "../core/errors.ts";
import { checkWait, type WaitOptions } from "../core/wait_options.ts";
import type { Clock } from "../core/wait_queue.ts";
import { systemClock } from "../time/system_clock.ts";
import { TimedWaitQueue } from "./timed_wait_queue.ts";
import { isRemote } from "../sync/remote.ts";
import { drained, GET, JOIN, lost, PUT, refused } from "./queue_errors.ts";
import { servesQueues } from "./serving.ts";
import { FifoStorage, type Storage } from "./storage.ts";

/** Grants the item `undefined`: a plain `undefined` means that there is nothing to grant. */
const NOTHING: Promise<undefined> = Promise.resolve(undefined);

/** Replaces the clock of a queue that has no waiters. */
export let useClock: <T>(queue: Queue<T>, clock: Clock) => void;
/** Replaces the storage of a new queue. */
export let useStorage: <T>(queue: Queue<T>, storage: Storage<T>) => void;

/** Counts items whose taker can no longer finish them. */
export let abandonItems: (queue: Queue<unknown>, count: number) => void;

/** Puts back a taken item, which becomes the next item again. */
export let putBack: (queue: Queue<unknown>, item: unknown) => void;

/**
 * Options of a queue.
 *
 * @typeParam T the items.
 */
export interface QueueOptions<T> {
  /**
   * The policy for an item while the queue is full. With `"wait"`, the default, the caller waits; `"drop-oldest"` drops
   * the next item, which counts as done.
   */
  overflow?: "wait" | "drop-oldest" | undefined;
  /** Called with each dropped item. */
  onDrop?: ((item: T) => void) | undefined;
}

/** The allowed options of the constructor. */
const QUEUE_OPTIONS: OptionNames<QueueOptions<never>> = optionNames<QueueOptions<never>>({
  overflow: true,
  onDrop: true,
});

/** Options of `shutdown`. */
export interface QueueShutdownOptions {
  /** Whether to discard the remaining items. */
  immediate?: boolean | undefined;
}

/** The names of the options of `shutdown`. */
export const SHUTDOWN_OPTIONS: OptionNames<QueueShutdownOptions> = optionNames<QueueShutdownOptions>({
  immediate: true,
});

/**
 * A first-in, first-out queue within one event loop.
 *
 * The queue holds references. An item that is a promise or a future is returned as its resolved value; wrap it in an
 * object to get the promise itself.
 *
 * **Order.** Waiting getters are served first come, first served, and so are waiting putters. Later callers do not
 * overtake them. **Cancellation.** A wait that ends early takes no item and leaves none behind. **Cost.** O(1); without
 * waiting, one promise and one slot of a ring buffer.
 *
 * @typeParam T the type of the items.
 *
 * @example One producer, two consumers
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Queue } from "@heddle/heddle/queue";
 *
 * const queue = new Queue<number>(2); // a third put waits
 * const squares: number[] = [];
 * async function consume(): Promise<void> {
 *   for await (const n of queue) {
 *     squares.push(n * n);
 *     queue.taskDone();
 *   }
 * }
 * const consumers = [consume(), consume()];
 * for (const n of [1, 2, 3, 4]) await queue.put(n);
 * await queue.join(); // waits until all items are done
 * queue.shutdown(); // ends the loops
 * await Promise.all(consumers);
 * assertEquals(squares, [1, 4, 9, 16]);
 * ```
 */
export class Queue<T> implements AsyncIterable<T>, Disposable {
  readonly #maxSize: number;
  /** The maximum number of items, or Infinity. */
  readonly #room: number;
  /** Receives dropped items; undefined if callers wait instead. */
  readonly #onDrop: ((item: T) => void) | undefined;
  #storage: Storage<T> = new FifoStorage<T>();
  #getters = getLine<T>(systemClock);
  #putters = putLine<T>(systemClock);
  #joiners = joinLine(systemClock);
  #unfinished = 0;
  /** Items that were abandoned and not yet reported by `join`. */
  #abandoned = 0;
  #shut = false;

  static {
    useClock = (queue, clock) => {
      queue.#getters = getLine(clock);
      queue.#putters = putLine(clock);
      queue.#joiners = joinLine(clock);
    };
    useStorage = (queue, storage) => {
      queue.#storage = storage;
    };
    abandonItems = (queue, count) => queue.#abandon(count);
    putBack = (queue, item) => queue.#putBack(item);
    servesQueues<Queue<unknown>>(this, "Queue", import.meta.url, abandonItems, putBack);
    printsAs(this, "Queue", ["size", "maxSize", "unfinished", "isShutDown"]);
  }

  /**
   * Creates a queue.
   *
   * @param maxSize the maximum number of items; unbounded if 0 or negative.
   * @throws {TypeError} if `maxSize` is not a number, or an option is not valid.
   * @throws {RangeError} if `maxSize` is not an integer.
   */
  constructor(maxSize = 0, options: QueueOptions<T> = {}) {
    checkInteger("Cannot make a queue as 'maxSize'", maxSize, -Number.MAX_SAFE_INTEGER);
    const { overflow = "wait", onDrop = () => {} } = checkOptions(
      "Cannot make a queue as 'options'",
      options,
      QUEUE_OPTIONS as OptionNames<QueueOptions<T>>,
    );
    checkOneOf("Cannot make a queue as 'overflow'", overflow, ["wait", "drop-oldest"]);
    checkFunction("Cannot make a queue as 'onDrop'", onDrop);
    if (overflow === "drop-oldest") this.#onDrop = onDrop;
    this.#maxSize = maxSize;
    this.#room = maxSize > 0 ? maxSize : Infinity;
  }

  /** The number of items in the queue. */
  get size(): number {
    return this.#storage.size;
  }

  /** The maximum number of items; unbounded if 0 or negative. */
  get maxSize(): number {
    return this.#maxSize;
  }

  /** Whether the queue has no items. */
  get empty(): boolean {
    return this.#storage.size === 0;
  }

  /** Whether the queue has `maxSize` items. */
  get full(): boolean {
    return this.#storage.size >= this.#room;
  }

  /** The number of items that were put and are not done yet. */
  get unfinished(): number {
    return this.#unfinished;
  }

  /** Whether the queue is shut down. */
  get isShutDown(): boolean {
    return this.#shut;
  }

  /**
   * Adds an item. Waits while the queue is full.
   *
   * @throws {QueueFullError} if the queue stays full for the whole timeout; its `value` is the item.
   * @throws {QueueShutDownError} if the queue is shut down, also during the wait; its `value` is the item.
   * @throws the signal's reason if the signal is aborted.
   */
  put(item: T, options?: WaitOptions): Promise<void> {
    try {
      const limits = checkWait(PUT, options);
      limits.signal?.throwIfAborted();
      return this.tryPut(item)
        ? NOTHING as Promise<unknown> as Promise<void>
        : this.#putters.join(item, limits) as Promise<unknown> as Promise<void>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Removes and returns the next item. Waits while the queue is empty.
   *
   * @throws {QueueEmptyError} if no item arrives in time.
   * @throws {QueueShutDownError} if the queue is empty and shut down, also during the wait.
   * @throws the signal's reason if the signal is aborted.
   */
  get(options?: WaitOptions): Promise<T> {
    try {
      const limits = checkWait(GET, options);
      limits.signal?.throwIfAborted();
      if (this.#storage.size > 0) return Promise.resolve(this.#take());
      if (this.#shut) throw drained();
      return this.#getters.join(undefined, limits);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Adds an item if the queue is not full.
   *
   * @returns whether the item was added.
   * @throws {QueueShutDownError} if the queue is shut down; its `value` is the item.
   */
  tryPut(item: T): boolean {
    if (this.#shut) throw refused(item);
    if (this.#storage.size >= this.#room) {
      this.#storage.check?.(item);
      if (this.#onDrop === undefined) return false;
      this.#replaceOldest(item, this.#onDrop);
      return true;
    }
    this.#add(item);
    if (this.#getters.size > 0) this.#getters.admit(this.#grant);
    return true;
  }

  /**
   * Removes and returns the next item, or returns `undefined` if the queue is empty.
   *
   * @throws {QueueShutDownError} if the queue is empty and shut down.
   */
  tryGet(): T | undefined {
    if (this.#storage.size > 0) return this.#take();
    if (this.#shut) throw drained();
    return undefined;
  }

  /**
   * Marks one taken item as done. In a worker that does not own the queue, this method returns a promise; await it to
   * learn of errors.
   *
   * @throws {InvalidStateError} if the method is called more often than items were put.
   */
  taskDone(): void {
    if (this.#unfinished === 0) throw new InvalidStateError("Cannot call taskDone more often than items were put");
    this.#finish(1);
  }

  /**
   * Waits until all items that were put are done.
   *
   * A pool task that fails does not end its worker, and another task may still mark the items as done: `join` keeps
   * waiting for them. A task that takes items should therefore call `taskDone` in a `finally` block.
   *
   * **Order.** All waiters continue together. **Cancellation.** A wait that ends early leaves nothing behind. **Cost.**
   * O(1).
   *
   * @throws {TimeoutError} if the items are not done in time.
   * @throws {AbandonedError} if a worker died with unfinished items, or a `Thread` or `Process` failed with them. These
   * items then count as done.
   * @throws the signal's reason if the signal is aborted.
   */
  join(options?: WaitOptions): Promise<void> {
    try {
      const limits = checkWait(JOIN, options);
      limits.signal?.throwIfAborted();
      if (this.#abandoned > 0) throw this.#report();
      if (this.#unfinished === 0) return Promise.resolve();
      return this.#joiners.join(undefined, limits) as Promise<unknown> as Promise<void>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Shuts the queue down: no item can be put, and once the queue is empty, no item can be taken. Callers that wait for
   * either get a `QueueShutDownError` immediately. With `immediate`, the remaining items are discarded and count as
   * done. Repeated calls are harmless.
   */
  shutdown(options: QueueShutdownOptions = {}): void {
    const { immediate = false } = checkOptions("Cannot shut down as 'options'", options, SHUTDOWN_OPTIONS);
    this.#shut = true;
    this.#putters.refuse(refused);
    this.#getters.refuse(drained);
    if (!immediate) return;
    const discarded = this.#storage.size;
    while (this.#storage.size > 0) this.#storage.take();
    this.#finish(discarded);
  }

  /** Takes items until the queue is shut down and empty. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return itemsOf(this, () => this.#shut);
  }

  /** Shuts the queue down. */
  [Symbol.dispose](): void {
    this.shutdown();
  }

  /** Drops the next item, which then counts as done. */
  #replaceOldest(item: T, onDrop: (item: T) => void): void {
    const dropped = this.#storage.take() as T;
    this.#add(item);
    this.#finish(1);
    onDrop(dropped);
  }

  #add(item: T): void {
    this.#storage.add(item);
    this.#unfinished++;
  }

  #take(): T {
    const item = this.#storage.take() as T;
    if (this.#putters.size > 0) this.#putters.admit(this.#accept);
    return item;
  }

  #putBack(item: T): void {
    this.#storage.putBack(item);
    if (this.#getters.size > 0) this.#getters.admit(this.#grant);
  }

  readonly #grant = (): T | undefined => {
    if (this.#storage.size === 0) return undefined;
    const item = this.#storage.take() as T;
    return item === undefined ? NOTHING as T : item;
  };

  readonly #accept = (item: T): true | undefined => {
    if (this.#storage.size >= this.#room) return undefined;
    this.#add(item);
    return true;
  };

  /** Records that these items will not be marked as done. */
  #abandon(count: number): void {
    const gone = Math.min(count, this.#unfinished - this.#storage.size);
    if (gone <= 0) return;
    this.#abandoned += gone;
    if (this.#joiners.size > 0) {
      const error = this.#report();
      this.#joiners.refuse(() => error);
    }
    this.#finish(gone);
  }

  #report(): AbandonedError {
    const count = this.#abandoned;
    this.#abandoned = 0;
    return lost(count);
  }

  #finish(count: number): void {
    this.#unfinished = Math.max(0, this.#unfinished - count);
    if (this.#unfinished === 0 && this.#joiners.size > 0) this.#joiners.admit(() => true);
  }
}

/** Yields items until the queue is shut down and empty. */
export async function* itemsOf<T>(
  queue: { get(): Promise<T> },
  isShut: () => boolean,
): AsyncGenerator<T, void, undefined> {
  for (;;) {
    let item: T;
    try {
      item = await queue.get();
    } catch (error) {
      // A local item can be a promise that rejects with another queue's error; an item received from another worker
      // cannot.
      if (error instanceof QueueShutDownError && (isRemote(queue) || isShut())) return;
      throw error;
    }
    yield item;
  }
}

function getLine<T>(clock: Clock): TimedWaitQueue<void, T> {
  return new TimedWaitQueue(clock, GET, QueueEmptyError);
}

function putLine<T>(clock: Clock): TimedWaitQueue<T, true> {
  return new TimedWaitQueue(clock, PUT, QueueFullError);
}

function joinLine(clock: Clock): TimedWaitQueue<void, true> {
  return new TimedWaitQueue(clock, JOIN, TimeoutError);
}
