/**
 * A queue in one event loop.
 *
 * @module
 */

import { checkInteger } from "../core/check.ts";
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
import { Line } from "./line.ts";
import { isRemote } from "../sync/remote.ts";
import { drained, GET, JOIN, lost, PUT, refused } from "./queue_errors.ts";
import { servesQueues } from "./serving.ts";
import { FifoStorage, type Storage } from "./storage.ts";

/** Grants `undefined`, where `undefined` itself says that there is nothing to grant. */
const NOTHING: Promise<undefined> = Promise.resolve(undefined);

/** Puts another clock into a queue at which nobody waits. */
export let useClock: <T>(queue: Queue<T>, clock: Clock) => void;
/** Puts another storage into a queue that is new. */
export let useStorage: <T>(queue: Queue<T>, storage: Storage<T>) => void;

/** Counts items that were taken by somebody who can finish them no more. */
export let abandonItems: (queue: Queue<unknown>, count: number) => void;

/** Puts back an item that was taken: it is the next one again. */
export let putBack: (queue: Queue<unknown>, item: unknown) => void;

/** How to shut a queue down. */
export interface QueueShutdownOptions {
  /** Whether what is still in the queue is discarded. */
  immediate?: boolean | undefined;
}

/** What `shutdown` takes. */
export const SHUTDOWN_OPTIONS: OptionNames<QueueShutdownOptions> = optionNames<QueueShutdownOptions>({
  immediate: true,
});

/**
 * A line of items between those who put and those who get: the oldest item is next.
 *
 * It holds references, in one event loop. An item that is a promise, or a future, is handed out as what it becomes: put it
 * into an object to get it as it is.
 *
 * **Order.** Those who wait to get are served first come, first served, and so are those who wait to put; nobody who comes
 * later goes before them. **Cancellation.** A wait that ends early takes no item and leaves none behind. **Cost.** O(1);
 * where nobody waits a promise and a slot of a ring.
 *
 * @typeParam T the items.
 *
 * @example One puts, two get
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Queue } from "@heddle/heddle/queue";
 *
 * const queue = new Queue<number>(2); // whoever puts a third item waits
 * const squares: number[] = [];
 * async function consume(): Promise<void> {
 *   for await (const n of queue) {
 *     squares.push(n * n);
 *     queue.taskDone();
 *   }
 * }
 * const consumers = [consume(), consume()];
 * for (const n of [1, 2, 3, 4]) await queue.put(n);
 * await queue.join(); // until each item is done
 * queue.shutdown(); // ends the loops
 * await Promise.all(consumers);
 * assertEquals(squares, [1, 4, 9, 16]);
 * ```
 */
export class Queue<T> implements AsyncIterable<T>, Disposable {
  readonly #maxSize: number;
  /** How many items fit in. */
  readonly #room: number;
  #storage: Storage<T> = new FifoStorage<T>();
  #getters = getLine<T>(systemClock);
  #putters = putLine<T>(systemClock);
  #joiners = joinLine(systemClock);
  #unfinished = 0;
  /** How many items were abandoned, and not yet reported to who joins. */
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
   * Makes a queue.
   *
   * @param maxSize how many items fit in; any number if it is 0 or less.
   * @throws {TypeError} if it is no number.
   * @throws {RangeError} if it is no integer.
   */
  constructor(maxSize = 0) {
    checkInteger("Cannot make a queue as 'maxSize'", maxSize, -Number.MAX_SAFE_INTEGER);
    this.#maxSize = maxSize;
    this.#room = maxSize > 0 ? maxSize : Infinity;
  }

  /** How many items are in it. */
  get size(): number {
    return this.#storage.size;
  }

  /** How many items fit in; any number if it is 0 or less. */
  get maxSize(): number {
    return this.#maxSize;
  }

  /** Whether there is nothing to get. */
  get empty(): boolean {
    return this.#storage.size === 0;
  }

  /** Whether there is no room for another item. */
  get full(): boolean {
    return this.#storage.size >= this.#room;
  }

  /** How many of the items that were put were not said to be done. */
  get unfinished(): number {
    return this.#unfinished;
  }

  /** Whether it was shut down. */
  get isShutDown(): boolean {
    return this.#shut;
  }

  /**
   * Adds an item; waits while the queue is full.
   *
   * @throws {QueueFullError} if there is no room in time; its `value` is the item.
   * @throws {QueueShutDownError} if the queue is shut down, or is meanwhile; its `value` is the item.
   * @throws the signal's reason if it is aborted.
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
   * Takes the next item; waits while there is none.
   *
   * @throws {QueueEmptyError} if there is none in time.
   * @throws {QueueShutDownError} if there is none and the queue is shut down, or is meanwhile.
   * @throws the signal's reason if it is aborted.
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
   * Adds an item if there is room.
   *
   * @returns whether it did.
   * @throws {QueueShutDownError} if the queue is shut down; its `value` is the item.
   */
  tryPut(item: T): boolean {
    if (this.#shut) throw refused(item);
    if (this.#storage.size >= this.#room) {
      this.#storage.check?.(item);
      return false;
    }
    this.#add(item);
    if (this.#getters.size > 0) this.#getters.admit(this.#grant);
    return true;
  }

  /**
   * Takes the next item, or returns `undefined` if there is none.
   *
   * @throws {QueueShutDownError} if there is none and the queue is shut down.
   */
  tryGet(): T | undefined {
    if (this.#storage.size > 0) return this.#take();
    if (this.#shut) throw drained();
    return undefined;
  }

  /**
   * Says that an item that was taken is done. Where the queue is served by its owner, it returns a promise, to be awaited for
   * the error to be heard.
   *
   * @throws {InvalidStateError} if it is said more often than items were put.
   */
  taskDone(): void {
    if (this.#unfinished === 0) throw new InvalidStateError("Cannot call taskDone more often than items were put");
    this.#finish(1);
  }

  /**
   * Waits until all items that were put are done.
   *
   * A task of a pool that fails ends no worker, and another task may still say that its items are done: `join` waits for them.
   * A task that takes items therefore calls `taskDone` in a `finally`.
   *
   * **Order.** All who wait go on together. **Cancellation.** A wait that ends early leaves nothing behind. **Cost.** O(1).
   *
   * @throws {TimeoutError} if they are not done in time.
   * @throws {AbandonedError} if a worker took items, did not say that they are done, and has died, or was a `Thread` or
   * `Process` whose task failed. These items count as done from then on.
   * @throws the signal's reason if it is aborted.
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
   * Ends the queue: nothing can be put any more, and once it is empty nothing can be got. Those who wait for either are told at
   * once. With `immediate` what is still in it is discarded and counts as done. Shutting down twice is harmless.
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

  /** Takes item after item, waiting where there is none, until the queue is shut down and empty. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return itemsOf(this, () => this.#shut);
  }

  /** Shuts down. */
  [Symbol.dispose](): void {
    this.shutdown();
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

  /** Nobody says of these items any more that they are done. */
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

/** Takes item after item until the queue is shut down and empty. */
export async function* itemsOf<T>(
  queue: { get(): Promise<T> },
  isShut: () => boolean,
): AsyncGenerator<T, void, undefined> {
  for (;;) {
    let item: T;
    try {
      item = await queue.get();
    } catch (error) {
      // An item can be a promise that fails with the error of another queue; one that was sent here cannot.
      if (error instanceof QueueShutDownError && (isRemote(queue) || isShut())) return;
      throw error;
    }
    yield item;
  }
}

function getLine<T>(clock: Clock): Line<void, T> {
  return new Line(clock, GET, QueueEmptyError);
}

function putLine<T>(clock: Clock): Line<T, true> {
  return new Line(clock, PUT, QueueFullError);
}

function joinLine(clock: Clock): Line<void, true> {
  return new Line(clock, JOIN, TimeoutError);
}
