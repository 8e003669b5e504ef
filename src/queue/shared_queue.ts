/**
 * A queue in memory that all threads see.
 *
 * @module
 */

import { load, peek } from "../core/cell.ts";
import { checkInteger } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import { InvalidStateError, QueueEmptyError, QueueFullError, TimeoutError } from "../core/errors.ts";
import { checkWait, type WaitOptions } from "../core/wait_options.ts";
import type { Clock } from "../core/wait_queue.ts";
import { startTimer, systemClock } from "../time/system_clock.ts";
import { detach } from "../wire/transfer.ts";
import { Line } from "./line.ts";
import { itemsOf, type QueueShutdownOptions, SHUTDOWN_OPTIONS } from "./queue.ts";
import { drained, GET, JOIN, lost, PUT, refused } from "./queue_errors.ts";
import type { Account } from "./shared_account.ts";
import { SharedItem } from "./shared_item.ts";
import { SharedLine } from "./shared_line.ts";
import type { SharedOrder } from "./shared_order.ts";
import { SharedRecords } from "./shared_records.ts";
import { GETTERS, JOINERS, MOST_BYTES, PUTTERS, RECORD_CELLS, Region, SHUT, SLOT_CELLS } from "./shared_region.ts";
import { SharedRing } from "./shared_ring.ts";
import { BUSY, NONE, type SharedStore } from "./shared_store.ts";
import { travelsShared } from "./shared_travel.ts";

/** How many bytes there are for items unless it is said. */
const USUAL_BYTES = 2 ** 20;
/** Grants `undefined`, where `undefined` itself says that there is nothing to grant. */
const NOTHING: Promise<undefined> = Promise.resolve(undefined);
/** What has changed, so that others may go on. */
const ITEMS = 1, ROOM = 2, DONE = 4, ALL = 7;
/** What must be done is tried again after so many milliseconds. */
const AGAIN = 5;

/** How large a shared queue is. */
export interface SharedQueueOptions {
  /** How many items fit in; any number if it is 0 or less, or left out. */
  maxSize?: number | undefined;
  /** How many bytes they may have together, counted in pieces of 64 or more; 1 MiB if it is left out. */
  bytes?: number | undefined;
}

/** What a shared queue takes. */
export const OPTIONS: OptionNames<SharedQueueOptions> = optionNames<SharedQueueOptions>({ maxSize: true, bytes: true });

/** Makes another order than that of arrival. */
export type MakeOrder = (records: SharedRecords, region: Region) => SharedOrder;

/** The queue that is about to be made has this order. */
let nextOrder: { make: MakeOrder; sorted: boolean } | undefined;

/** Makes options for the constructor of a subclass, and remembers the order for it. */
export function withOrder(
  options: SharedQueueOptions | undefined,
  make: MakeOrder,
  sorted = false,
): SharedQueueOptions {
  const checked = checkSize(options);
  nextOrder = { make, sorted };
  return checked;
}

/** Puts another clock into a queue at which nobody waits. */
export let useSharedClock: (queue: SharedQueue<unknown>, clock: Clock) => void;

/**
 * A line of items between threads: the oldest item is next.
 *
 * Items are copies, as structured clone makes them, with errors whole; they lie in shared memory, the same queue in every
 * thread it is passed to. A `transfer`red buffer is detached once its item is in. What has no bytes of its own, such as a
 * lock or a SharedArrayBuffer, is refused. In another process the methods that wait, and `taskDone` and `shutdown`, reach the
 * thread that passed the queue there; the others throw.
 *
 * When a thread dies or its task fails, what it has taken and not said to be done is lost: `join` tells how many, and no
 * longer waits for them.
 *
 * **Order.** Those who wait in one thread are served first come, first served; of several threads whichever is awake goes
 * first. **Cancellation.** A wait that ends early takes no item and leaves none behind. **Cost.** O(1), the copy, and without
 * waiting no call of the system. **Memory.** Who gets an item sees everything that was done before it was put.
 *
 * @typeParam T the items.
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
  readonly #account: Account;
  readonly #sorted: boolean;
  readonly #getters: SharedLine<void, T>;
  readonly #putters: SharedLine<SharedItem, true>;
  readonly #joiners: SharedLine<number, true>;
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
      abandon: (queue, count) => queue.#must(() => queue.#account.lose(count), DONE),
    });
    printsAs(this, "SharedQueue", ["size", "maxSize", "unfinished", "isShutDown"]);
  }

  /**
   * Makes a queue.
   *
   * @throws {TypeError} if the options are none.
   * @throws {RangeError} if a size is none, or if there is not so much memory.
   */
  constructor(options?: SharedQueueOptions) {
    const { maxSize = 0, bytes = USUAL_BYTES } = checkSize(options);
    const order = nextOrder;
    nextOrder = undefined;
    const region = this.#region = new Region(maxSize, bytes, order === undefined ? SLOT_CELLS : RECORD_CELLS);
    const store = this.#store = order === undefined ? new SharedRing(region) : new SharedRecords(region, order.make);
    const account = this.#account = store.account;
    this.#sorted = order?.sorted ?? false;
    const shared = { mend: () => this.#mend(), moved: () => this.#serve(0) };
    this.#getters = new SharedLine(region.cells, GETTERS, this.#getLine(systemClock), {
      ...shared,
      take: () => this.#grant(),
      isReady: () => store.mayHaveItems || this.isShutDown,
    });
    this.#putters = new SharedLine(region.cells, PUTTERS, this.#putLine(systemClock), {
      ...shared,
      take: (item) => this.#accept(item),
      isReady: ({ size }) => store.hasRoom(size) || this.isShutDown,
    });
    this.#joiners = new SharedLine(region.cells, JOINERS, joinLine(systemClock), {
      ...shared,
      take: (lost) => this.#isDone(lost),
      isReady: (lost) => account.unfinished === 0 || account.lost !== lost,
    });
  }

  /** How many items are in it. Stale when read. */
  get size(): number {
    this.#mend();
    return this.#store.count;
  }

  /** How many items fit in; any number if it is 0 or less. */
  get maxSize(): number {
    return this.#region.maxSize;
  }

  /** Whether there is nothing to get. Stale when read. */
  get empty(): boolean {
    return this.size === 0;
  }

  /** Whether there is no room for another item, however small. Stale when read. */
  get full(): boolean {
    this.#mend();
    return !this.#store.hasRoom(1);
  }

  /** How many of the items that were put were not said to be done. Stale when read. */
  get unfinished(): number {
    this.#mend();
    return this.#account.unfinished;
  }

  /** Whether it was shut down. */
  get isShutDown(): boolean {
    return peek(this.#region.cells, SHUT) !== 0;
  }

  /**
   * Adds a copy of an item; waits while the queue is full. The copy is made at once.
   *
   * @throws {DOMException} a DataCloneError naming the path of what cannot travel.
   * @throws {RangeError} if the item is larger than the memory of the queue.
   * @throws {QueueFullError} if there is no room in time; its `value` is the item.
   * @throws {QueueShutDownError} if the queue is shut down, or is meanwhile; its `value` is the item.
   * @throws the signal's reason if it is aborted.
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

  /** Blocks this thread until it has added a copy of an item. As `put`, and throws what that rejects with. */
  putSync(item: T, options?: WaitOptions): void {
    const { timeout, signal } = checkWait(PUT, options);
    signal?.throwIfAborted();
    const done = this.#putters.takeSync(this.#copy(item), timeout);
    this.#serve(0);
    if (!done) throw new QueueFullError(`${PUT} within ${timeout} ms`, { value: item });
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
      const item = this.#tryGet();
      return item === undefined ? this.#getters.join(undefined, limits) : Promise.resolve(item);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Blocks this thread until it has taken the next item. As `get`, and throws what that rejects with. */
  getSync(options?: WaitOptions): T {
    const { timeout, signal } = checkWait(GET, options);
    signal?.throwIfAborted();
    const item = this.#getters.takeSync(undefined, timeout);
    this.#serve(0);
    if (item === undefined) throw new QueueEmptyError(`${GET} within ${timeout} ms`);
    return bare(item);
  }

  /**
   * Adds a copy of an item if there is room.
   *
   * @returns whether it did.
   * @throws {DOMException} a DataCloneError naming the path of what cannot travel.
   * @throws {RangeError} if the item is larger than the memory of the queue.
   * @throws {QueueShutDownError} if the queue is shut down; its `value` is the item.
   */
  tryPut(item: T): boolean {
    return this.#tryPut(this.#copy(item));
  }

  /**
   * Takes the next item, or returns `undefined` if there is none.
   *
   * @throws {QueueShutDownError} if there is none and the queue is shut down.
   */
  tryGet(): T | undefined {
    const item = this.#tryGet();
    return item === undefined ? undefined : bare(item);
  }

  /**
   * Says that an item that was taken is done.
   *
   * @throws {InvalidStateError} if it is said more often than items were put.
   */
  taskDone(): void {
    if (this.#must(() => this.#account.finish(), DONE) === false) {
      throw new InvalidStateError("Cannot call taskDone more often than items were put");
    }
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
   * @throws {AbandonedError} if a thread or process took items, did not say that they are done, and has died or ended with
   * a failed task. These items count as done from then on.
   * @throws the signal's reason if it is aborted.
   */
  join(options?: WaitOptions): Promise<void> {
    try {
      const limits = checkWait(JOIN, options);
      limits.signal?.throwIfAborted();
      this.#mend();
      const unreported = this.#account.report();
      if (unreported !== 0) throw lost(unreported);
      if (this.#account.unfinished === 0) return Promise.resolve();
      return this.#joiners.join(this.#account.lost, limits) as Promise<unknown> as Promise<void>;
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
    this.#must(() => this.#store.shut(immediate), ALL);
  }

  /** Takes item after item, waiting where there is none, until the queue is shut down and empty. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return itemsOf(this, () => true);
  }

  /** Shuts down. */
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

  /** Whoever waits here was first. */
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
    // What a thread that died has put may not be counted yet. An item can be null.
    if (item === undefined && this.#store.mend()) item = this.#grant();
    this.#serve(0);
    return item;
  }

  #grant(): T | undefined {
    let item = this.#store.take();
    if (item === NONE && this.#isShut()) {
      // Nothing is put after a shutdown, but something may have been before.
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

  /** Whoever sees that it is shut sees everything that was put. */
  #isShut(): boolean {
    return load(this.#region.cells, SHUT) !== 0;
  }

  #isDone(before: number): true | undefined {
    const { lost: now, unfinished } = this.#account;
    if (now === before) return unfinished === 0 ? true : undefined;
    this.#account.report();
    throw lost((now - before) | 0);
  }

  /** Threads that died may have left anything, and told nobody. */
  #mend(): void {
    if (!this.#store.mend()) return;
    this.#changes |= ALL;
    for (const line of [this.#getters, this.#putters, this.#joiners]) line.ringAll();
    this.#serve(0);
  }

  /** Does what must be done; later, if that cannot be now. */
  #must<R>(fn: () => R, changes: number): R {
    const result = fn();
    if ((result as unknown) === BUSY) startTimer(AGAIN, () => void this.#must(fn, changes));
    else this.#serve(changes);
    return result;
  }

  /** Lets those go on for whom something has changed, here and elsewhere, until nothing changes any more. */
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

  #getLine(clock: Clock): Line<void, T> {
    return new Line(clock, GET, QueueEmptyError, { left: () => this.#serve(ITEMS) });
  }

  #putLine(clock: Clock): Line<SharedItem, true> {
    return new Line(clock, PUT, QueueFullError, { left: () => this.#serve(ROOM), item: ({ item }) => item });
  }
}

function joinLine(clock: Clock): Line<number, true> {
  return new Line(clock, JOIN, TimeoutError);
}

function letGo<Q, R>(line: SharedLine<Q, R>): void {
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
