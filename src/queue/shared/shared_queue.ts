/**
 * A first-in, first-out queue in shared memory.
 *
 * @module
 */

import { Handover } from "../../core/handover.ts";
import { BUSY } from "./accounting.ts";
import { load, peek } from "../../core/cell.ts";
import { checkInteger } from "../../core/check.ts";
import { printsAs } from "../../core/inspect.ts";
import { checkOptions, type OptionNames, optionNames } from "../../core/options.ts";
import { InvalidStateError, QueueEmptyError, QueueFullError, TimeoutError } from "../../core/errors.ts";
import { checkWait, type WaitOptions } from "../../core/wait_options.ts";
import type { Clock } from "../../core/wait_queue.ts";
import { startTimer, systemClock } from "../../time/system_clock.ts";
import { detach } from "../../wire/transfer.ts";
import { TimedWaitQueue } from "../timed_wait_queue.ts";
import { itemsOf, type QueueShutdownOptions, SHUTDOWN_OPTIONS } from "../queue.ts";
import { drained, GET, JOIN, lost, PUT, refused } from "../queue_errors.ts";
import type { Accounting } from "./accounting.ts";
import { SharedItem } from "./item.ts";
import { SharedWaitLine } from "./wait_line.ts";
import type { SharedOrder } from "./order.ts";
import { SharedRecords } from "./records.ts";
import { GETTERS, JOINERS, MOST_BYTES, PUTTERS, RECORD_CELLS, Region, SHUT, SLOT_CELLS } from "./region.ts";
import { SharedRing } from "./ring.ts";
import { NONE, type SharedStore } from "./store.ts";
import { travelsShared } from "./travel.ts";

/** Default capacity in bytes. */
const USUAL_BYTES = 2 ** 20;
/** Grants the item `undefined`: a plain `undefined` means that there is nothing to grant. */
const NOTHING: Promise<undefined> = Promise.resolve(undefined);
/** Kinds of changes after which waiters may continue. */
const ITEMS = 1, ROOM = 2, DONE = 4, ALL = 7;
/** Retry interval of mandatory changes, in milliseconds. */
const AGAIN = 5;

/** Options of a shared queue. */
export interface SharedQueueOptions {
  /** The maximum number of items; unbounded by default, and if 0 or negative. */
  maxSize?: number | undefined;
  /** The capacity in bytes, counted in pieces of at least 64 bytes; 1 MiB by default. */
  bytes?: number | undefined;
}

/** The names of the options. */
export const OPTIONS: OptionNames<SharedQueueOptions> = optionNames<SharedQueueOptions>({ maxSize: true, bytes: true });

/** Creates an order other than first in, first out. */
export type MakeOrder = (records: SharedRecords, region: Region) => SharedOrder;

/** The order of the queue that is about to be constructed. */
const nextOrder = new Handover<{ readonly make: MakeOrder; readonly sorted: boolean }>();

/** Checks the options for the constructor of a subclass and remembers the order for it. */
export function withOrder(
  options: SharedQueueOptions | undefined,
  make: MakeOrder,
  sorted = false,
): SharedQueueOptions {
  const checked = checkSize(options);
  nextOrder.put({ make, sorted });
  return checked;
}

/** Replaces the clock of a queue that has no waiters. */
export let useSharedClock: (queue: SharedQueue<unknown>, clock: Clock) => void;

/**
 * A first-in, first-out queue between threads, in shared memory.
 *
 * Items are copied as by structured clone; errors are copied completely. Every thread that receives the queue uses the
 * same memory. A buffer wrapped in `transfer` is detached once its item is in the queue. Items that cannot become
 * bytes, such as a lock or a SharedArrayBuffer, are refused.
 *
 * In another process, the thread that passed the queue serves it: `put`, `get`, `join`, `taskDone`, `shutdown` and `for
 * await` work there. Members that must answer immediately throw.
 *
 * If a thread dies or its task fails, its unfinished items are lost: `join` reports their number and no longer waits
 * for them.
 *
 * **Order.** Waiters of one thread are served first come, first served; of several threads, an awake one comes first.
 * **Cancellation.** A wait that ends early takes no item and leaves none behind. **Cost.** O(1), plus the copy; no
 * system call without waiting. **Memory.** The taker of an item sees everything that was written before the item was
 * put.
 *
 * @typeParam T the type of the items.
 *
 * @example Between threads
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline, SharedQueue, Thread } from "@heddle/heddle";
 *
 * const numbers = new SharedQueue<number>({ maxSize: 10 });
 * const squares = new SharedQueue<number>();
 * const square = inline((from: SharedQueue<number>, to: SharedQueue<number>) => {
 *   for (let n = from.getSync(); n > 0; n = from.getSync()) to.putSync(n * n);
 * });
 * const thread = new Thread(square, [numbers, squares]).start();
 * for (const n of [1, 2, 3, 0]) await numbers.put(n);
 * assertEquals([await squares.get(), await squares.get(), await squares.get()], [1, 4, 9]);
 * await thread.join();
 * ```
 */
export class SharedQueue<T> implements AsyncIterable<T>, Disposable {
  readonly #region: Region;
  readonly #store: SharedStore;
  readonly #accounting: Accounting;
  readonly #sorted: boolean;
  readonly #getters: SharedWaitLine<void, T>;
  readonly #putters: SharedWaitLine<SharedItem, true>;
  readonly #joiners: SharedWaitLine<number, true>;
  #changes = 0;
  #serving = false;

  static {
    useSharedClock = (queue, clock) => {
      queue.#getters.line = queue.#getLine(clock);
      queue.#putters.line = queue.#putLine(clock);
      queue.#joiners.line = joinLine(clock);
    };
    travelsShared<SharedQueue<unknown>>(this, "SharedQueue", import.meta.url, {
      inspect: (queue) => ({
        cells: queue.#region.cells,
        data: queue.#region.maxSize,
        share: () => queue.#share(),
      }),
      abandon: (queue, count) => queue.#must(() => queue.#accounting.lose(count), DONE),
    });
    printsAs(this, "SharedQueue", ["size", "maxSize", "unfinished", "isShutDown"]);
  }

  /**
   * Creates a queue.
   *
   * @throws {TypeError} if `options` is not an object.
   * @throws {RangeError} if a size is out of range or the memory cannot be allocated.
   */
  constructor(options?: SharedQueueOptions) {
    const { maxSize = 0, bytes = USUAL_BYTES } = checkSize(options);
    const order = nextOrder.take();
    const region = this.#region = new Region(maxSize, bytes, order === undefined ? SLOT_CELLS : RECORD_CELLS);
    const store = this.#store = order === undefined ? new SharedRing(region) : new SharedRecords(region, order.make);
    const accounting = this.#accounting = store.accounting;
    this.#sorted = order?.sorted ?? false;
    const shared = { recover: () => this.#recover(), moved: () => this.#serve(0) };
    this.#getters = new SharedWaitLine(region.cells, GETTERS, this.#getLine(systemClock), {
      ...shared,
      take: () => this.#grant(),
      isReady: () => store.mayHaveItems || this.isShutDown,
    });
    this.#putters = new SharedWaitLine(region.cells, PUTTERS, this.#putLine(systemClock), {
      ...shared,
      take: (item) => this.#accept(item),
      isReady: ({ size }) => store.hasRoom(size) || this.isShutDown,
    });
    this.#joiners = new SharedWaitLine(region.cells, JOINERS, joinLine(systemClock), {
      ...shared,
      take: (lost) => this.#isDone(lost),
      isReady: (lost) => accounting.unfinished === 0 || accounting.lost !== lost,
    });
  }

  /** The number of items in the queue. The value may be stale when it is read. */
  get size(): number {
    this.#recover();
    return this.#store.count;
  }

  /** The maximum number of items; unbounded if 0 or negative. */
  get maxSize(): number {
    return this.#region.maxSize;
  }

  /** Whether the queue has no items. The value may be stale when it is read. */
  get empty(): boolean {
    return this.size === 0;
  }

  /** Whether the queue cannot accept even the smallest item. The value may be stale when it is read. */
  get full(): boolean {
    this.#recover();
    return !this.#store.hasRoom(1);
  }

  /** The number of items that were put and are not done yet. The value may be stale when it is read. */
  get unfinished(): number {
    this.#recover();
    return this.#accounting.unfinished;
  }

  /** Whether the queue is shut down. */
  get isShutDown(): boolean {
    return peek(this.#region.cells, SHUT) !== 0;
  }

  /**
   * Adds a copy of an item. Waits while the queue is full; the copy is made before the wait.
   *
   * @throws {DOMException} a DataCloneError with the path of the value that cannot travel.
   * @throws {RangeError} if the item is larger than the queue's memory.
   * @throws {QueueFullError} if the queue stays full for the whole timeout; its `value` is the item.
   * @throws {QueueShutDownError} if the queue is shut down, also during the wait; its `value` is the item.
   * @throws the signal's reason if the signal is aborted.
   */
  put(item: T, options?: WaitOptions): Promise<void> {
    try {
      const limits = checkWait(PUT, options);
      limits.signal?.throwIfAborted();
      const copy = this.#copy(item);
      return this.#tryPut(copy)
        ? NOTHING as Promise<unknown> as Promise<void>
        : this.#putters.join(copy, limits) as Promise<unknown> as Promise<void>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Blocks this thread until a copy of the item is added. Throws what `put` rejects with. */
  putSync(item: T, options?: WaitOptions): void {
    const { timeout, signal } = checkWait(PUT, options);
    signal?.throwIfAborted();
    const done = this.#putters.takeSync(this.#copy(item), timeout);
    this.#serve(0);
    if (!done) throw new QueueFullError(`${PUT} within ${timeout} ms`, { value: item });
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
      const item = this.#tryGet();
      return item === undefined ? this.#getters.join(undefined, limits) : Promise.resolve(item);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Blocks this thread until an item is taken. Throws what `get` rejects with. */
  getSync(options?: WaitOptions): T {
    const { timeout, signal } = checkWait(GET, options);
    signal?.throwIfAborted();
    const item = this.#getters.takeSync(undefined, timeout);
    this.#serve(0);
    if (item === undefined) throw new QueueEmptyError(`${GET} within ${timeout} ms`);
    return bare(item);
  }

  /**
   * Adds a copy of an item if the queue is not full.
   *
   * @returns whether the item was added.
   * @throws {DOMException} a DataCloneError with the path of the value that cannot travel.
   * @throws {RangeError} if the item is larger than the queue's memory.
   * @throws {QueueShutDownError} if the queue is shut down; its `value` is the item.
   */
  tryPut(item: T): boolean {
    return this.#tryPut(this.#copy(item));
  }

  /**
   * Removes and returns the next item, or returns `undefined` if the queue is empty.
   *
   * @throws {QueueShutDownError} if the queue is empty and shut down.
   */
  tryGet(): T | undefined {
    const item = this.#tryGet();
    return item === undefined ? undefined : bare(item);
  }

  /**
   * Marks one taken item as done.
   *
   * @throws {InvalidStateError} if the method is called more often than items were put.
   */
  taskDone(): void {
    if (this.#must(() => this.#accounting.finish(), DONE) === false) {
      throw new InvalidStateError("Cannot call taskDone more often than items were put");
    }
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
   * @throws {AbandonedError} if a thread or process died or failed with unfinished items. These items then count as
   * done.
   * @throws the signal's reason if the signal is aborted.
   */
  join(options?: WaitOptions): Promise<void> {
    try {
      const limits = checkWait(JOIN, options);
      limits.signal?.throwIfAborted();
      this.#recover();
      const unreported = this.#accounting.report();
      if (unreported !== 0) throw lost(unreported);
      if (this.#accounting.unfinished === 0) return Promise.resolve();
      return this.#joiners.join(this.#accounting.lost, limits) as Promise<unknown> as Promise<void>;
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
    this.#must(() => this.#store.shut(immediate), ALL);
  }

  /** Takes items until the queue is shut down and empty. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return itemsOf(this, () => true);
  }

  /** Shuts the queue down. */
  [Symbol.dispose](): void {
    this.shutdown();
  }

  #copy(item: T): SharedItem {
    if (this.isShutDown) throw refused(item);
    const copy = new SharedItem(item, this.#sorted);
    const { capacity } = this.#region;
    if (copy.size > capacity) {
      throw new RangeError(`Cannot put an item into a queue of ${capacity} bytes: its size is ${copy.size} bytes`);
    }
    return copy;
  }

  /** Does not overtake waiters of this thread. */
  #tryPut(copy: SharedItem): boolean {
    if (this.#putters.size > 0) {
      this.#putters.serve();
      this.#serve(0);
      if (this.#putters.size > 0) return false;
    }
    if (this.#accept(copy) === undefined) return false;
    this.#serve(0);
    return true;
  }

  #tryGet(): T | undefined {
    if (this.#getters.size > 0) {
      this.#getters.serve();
      this.#serve(0);
      if (this.#getters.size > 0) return undefined;
    }
    let item = this.#grant();
    // An item put by a thread that then died may not be counted yet. An item can be null.
    if (item === undefined && this.#store.recover()) item = this.#grant();
    this.#serve(0);
    return item;
  }

  #grant(): T | undefined {
    let item = this.#store.take();
    if (item === NONE && this.#isShut()) {
      // No item is put after a shutdown, but one may have been put between the two reads.
      item = this.#store.take();
      if (item === NONE) throw drained();
    }
    if (item === NONE || item === BUSY) return undefined;
    this.#changes |= ROOM;
    return item === undefined ? NOTHING as T : item as T;
  }

  #accept(copy: SharedItem): true | undefined {
    if (!this.#store.add(copy)) {
      if (this.#isShut()) throw refused(copy.item);
      return undefined;
    }
    if (copy.packet.moved.length > 0) detach(copy.packet.moved, []);
    this.#changes |= ITEMS;
    return true;
  }

  /** A thread that sees the queue shut down also sees every item that was put before. */
  #isShut(): boolean {
    return load(this.#region.cells, SHUT) !== 0;
  }

  #isDone(before: number): true | undefined {
    const { lost: now, unfinished } = this.#accounting;
    if (now === before) return unfinished === 0 ? true : undefined;
    this.#accounting.report();
    throw lost((now - before) | 0);
  }

  /** Recovers what dead threads left, which may concern any waiter. */
  #recover(): void {
    if (!this.#store.recover()) return;
    this.#changes |= ALL;
    for (const line of [this.#getters, this.#putters, this.#joiners]) line.ringAll();
    this.#serve(0);
  }

  /** Makes a mandatory change; retries later if the lock is busy. */
  #must<R>(fn: () => R, changes: number): R {
    const result = fn();
    if ((result as unknown) === BUSY) startTimer(AGAIN, () => void this.#must(fn, changes));
    else this.#serve(changes);
    return result;
  }

  /** Serves waiters for which something has changed, in this thread and in others, until nothing changes any more. */
  #serve(changes: number): void {
    this.#changes |= changes;
    if (this.#serving) return;
    this.#serving = true;
    try {
      while (this.#changes !== 0) {
        const now = this.#changes;
        this.#changes = 0;
        if ((now & ITEMS) !== 0) letGo(this.#getters);
        if ((now & ROOM) !== 0) letGo(this.#putters);
        if ((now & DONE) !== 0) letGo(this.#joiners);
      }
    } finally {
      this.#serving = false;
    }
  }

  #share(): void {
    for (const line of [this.#getters, this.#putters, this.#joiners]) line.share();
  }

  #getLine(clock: Clock): TimedWaitQueue<void, T> {
    return new TimedWaitQueue(clock, GET, QueueEmptyError, { left: () => this.#serve(ITEMS) });
  }

  #putLine(clock: Clock): TimedWaitQueue<SharedItem, true> {
    return new TimedWaitQueue(clock, PUT, QueueFullError, { left: () => this.#serve(ROOM), item: ({ item }) => item });
  }
}

function joinLine(clock: Clock): TimedWaitQueue<number, true> {
  return new TimedWaitQueue(clock, JOIN, TimeoutError);
}

function letGo<Q, R>(line: SharedWaitLine<Q, R>): void {
  line.serve();
  line.ring();
}

function checkSize(options: SharedQueueOptions = {}): SharedQueueOptions {
  const { maxSize = 0, bytes = USUAL_BYTES } = checkOptions("Cannot make a queue as 'options'", options, OPTIONS);
  checkInteger("Cannot make a queue as 'maxSize'", maxSize, -Number.MAX_SAFE_INTEGER);
  checkInteger("Cannot make a queue as 'bytes'", bytes, 1, MOST_BYTES);
  return { maxSize, bytes };
}

function bare<T>(item: T): T {
  return item === NOTHING ? undefined as T : item;
}
