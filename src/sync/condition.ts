/**
 * A condition variable.
 *
 * @module
 */

import { compareExchange, load } from "../core/cell.ts";
import { checkFunction, checkInteger } from "../core/check.ts";
import { InvalidStateError, TimeoutError } from "../core/errors.ts";
import { printsAs } from "../core/inspect.ts";
import { checkWait, type WaitOptions } from "../core/wait_options.ts";
import { now } from "../time/system_clock.ts";
import { SharedWaitQueue, WAIT_QUEUE_CELLS } from "./shared_wait_queue.ts";
import { Lock, lockMonitor } from "./lock.ts";
import { ownCells, travels } from "./memory.ts";
import type { Monitor } from "./monitor.ts";
import type { Permit } from "./permit.ts";
import { RLock, rlockMonitor } from "./rlock.ts";
import { slotCells, ThreadSlots } from "./thread_slots.ts";

/**
 * A thread's slot counts the thread's waiters in the lower half, and how many of them were notified in the upper half.
 */
const THREAD_SLOTS = WAIT_QUEUE_CELLS, SLOT_COUNT = 256;
const CELLS = THREAD_SLOTS + slotCells(SLOT_COUNT);
const WAITING = 0xffff, NOTIFIED = 0x10000;

/** Methods that need only the lock and `wait`. */
const MADE = ["acquire", "tryAcquire", "acquireSync", "release", "run", "waitFor", "locked"];

/**
 * A condition variable: `wait` releases the lock, waits for a notification, and acquires the lock again.
 *
 * The same condition works within one loop, between threads and between processes: pass it to a task as an argument. At
 * most 256 threads can wait at once, with at most 65,535 waiters each.
 *
 * **Order.** Waiters of one loop are notified first come, first served; threads take turns. **Cancellation.** A wait
 * that ends early acquires the lock again before it rejects. Its notification, if it had one, goes to another waiter.
 * **Cost.** O(1) to wait, O(threads) to notify. **Memory.** As for the lock.
 *
 * @example Wait for an item
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Condition } from "@heddle/heddle/sync";
 *
 * const condition = new Condition();
 * const items: string[] = [];
 * const consumer = condition.run(async () => {
 *   await condition.waitFor(() => items.length > 0);
 *   return items.shift();
 * });
 * await condition.run(() => {
 *   items.push("first");
 *   condition.notify();
 * });
 * assertEquals(await consumer, "first");
 * ```
 */
export class Condition {
  readonly #cells: Int32Array;
  readonly #lock: Lock | RLock;
  readonly #monitor: Monitor;
  readonly #line: SharedWaitQueue<null, true>;
  readonly #threadSlots: ThreadSlots;
  /** The slot at which the next notification starts. */
  #turn = 0;
  /** Notifications that were given to waiters which had already stopped waiting. */
  #leftOver = 0;

  static {
    travels<Condition, Lock | RLock>(
      this,
      "Condition",
      import.meta.url,
      (condition) => ({ cells: condition.#cells, data: condition.#lock, share: () => condition.#line.share() }),
      (lock) => new Condition(lock),
      { waits: ["wait"], posts: ["notify", "notifyAll"], made: MADE },
    );
    printsAs(this, "Condition", ["locked"]);
  }

  /** Creates a condition over a lock, by default a new one. Several conditions can share a lock. */
  constructor(lock: Lock | RLock = new Lock()) {
    if (!(lock instanceof Lock || lock instanceof RLock)) {
      throw new TypeError("Cannot make a condition as 'lock' must be a Lock or an RLock");
    }
    this.#lock = lock;
    this.#monitor = lock instanceof Lock ? lockMonitor(lock) : rlockMonitor(lock);
    const { cells } = ownCells(CELLS);
    this.#cells = cells;
    this.#threadSlots = new ThreadSlots(cells, THREAD_SLOTS, SLOT_COUNT);
    this.#line = new SharedWaitQueue(cells, "Cannot wait to be notified", {
      exclusive: false,
      take: () => this.#take(),
      left: () => this.#leave(),
      recover: () => this.#recover(),
    });
  }

  /** Whether the lock is held. The value may be stale when it is read. */
  get locked(): boolean {
    return this.#lock.locked;
  }

  /** Acquires the lock. See {@linkcode Lock.acquire}. */
  acquire(options?: WaitOptions): Promise<Permit> {
    return this.#lock.acquire(options);
  }

  /** Acquires the lock if it is free, without waiting. Returns undefined otherwise. */
  tryAcquire(): Permit | undefined {
    return this.#lock.tryAcquire();
  }

  /** Blocks this thread until the lock is acquired. */
  acquireSync(options: WaitOptions = {}): Permit {
    return this.#lock.acquireSync(options);
  }

  /** Releases the lock. */
  release(): void {
    this.#lock.release();
  }

  /** Runs a function while holding the lock. */
  run<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    return this.#lock.run(fn, options);
  }

  /**
   * Releases the lock, waits for a notification, and acquires the lock again, however the wait ends.
   *
   * @param options the limits of the wait for a notification; re-acquiring the lock has no limit.
   * @throws {InvalidStateError} if the caller does not hold the lock.
   * @throws {TimeoutError} if no notification arrives in time.
   * @throws the signal's reason if the signal is aborted.
   */
  async wait(options?: WaitOptions): Promise<void> {
    this.#requireLock("wait");
    const limits = checkWait("Cannot wait to be notified", options);
    limits.signal?.throwIfAborted();
    if (limits.timeout === 0) throw timedOut(0);
    this.#enter();
    const notified = this.#line.join(null, limits);
    const { resume } = this.#monitor.suspend();
    let failed = true;
    try {
      await notified;
      failed = false;
    } finally {
      await resume();
      if (failed) this.#passOn();
    }
  }

  /** Blocks this thread until it is notified. As `wait`. */
  waitSync(options: WaitOptions = {}): void {
    this.#requireLock("wait");
    const { timeout, signal } = checkWait("Cannot wait to be notified", options);
    signal?.throwIfAborted();
    if (timeout === 0) throw timedOut(0);
    // Serve notified waiters of this loop first: the blocked thread would take their notification.
    this.#line.serve();
    this.#enter();
    const { resumeSync } = this.#monitor.suspend();
    let failed = true;
    try {
      this.#line.takeSync(null, options);
      failed = false;
    } finally {
      resumeSync();
      if (failed) this.#passOn();
    }
  }

  /**
   * Waits until a predicate returns a truthy value. The predicate is called with the lock held: once at first, then
   * after each notification.
   *
   * @param options the limits of the whole wait.
   * @returns the truthy value that the predicate returned.
   * @throws as `wait`, and what the predicate throws.
   */
  async waitFor<R>(predicate: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    checkFunction("Cannot wait as 'predicate'", predicate);
    const { timeout, signal } = checkWait("Cannot wait to be notified", options);
    signal?.throwIfAborted();
    const end = now() + timeout;
    for (;;) {
      const answer = await predicate();
      if (answer) return answer;
      const left = end - now();
      if (left <= 0) throw timedOut(timeout);
      await this.wait({ timeout: left, signal }).catch((error) => {
        throw error instanceof TimeoutError ? timedOut(timeout) : error;
      });
    }
  }

  /** Blocks this thread until the predicate returns a truthy value. As `waitFor`. */
  waitForSync<R>(predicate: () => R, options: WaitOptions = {}): R {
    checkFunction("Cannot wait as 'predicate'", predicate);
    this.#requireLock("wait");
    const { timeout, signal } = checkWait("Cannot wait to be notified", options);
    const end = now() + timeout;
    for (;;) {
      const answer = predicate();
      if (answer) return answer;
      const left = end - now();
      if (left <= 0) throw timedOut(timeout);
      try {
        this.waitSync({ timeout: left, signal });
      } catch (error) {
        throw error instanceof TimeoutError ? timedOut(timeout) : error;
      }
    }
  }

  /**
   * Notifies up to `n` waiters. They continue once they have acquired the lock.
   *
   * @throws {InvalidStateError} if the caller does not hold the lock.
   */
  notify(n = 1): void {
    checkInteger("Cannot notify as 'n'", n, 1);
    this.#requireLock("notify");
    this.#notify(n);
  }

  /** Notifies all current waiters. As `notify`. */
  notifyAll(): void {
    this.#requireLock("notify");
    this.#notify(Infinity);
  }

  #requireLock(what: string): void {
    if (!this.#monitor.owned) throw new InvalidStateError(`Cannot ${what} without holding the lock of the condition`);
  }

  #notify(n: number): void {
    let given = 0;
    this.#threadSlots.each(this.#turn, (cell) => {
      given += this.#give(cell, n - given);
      return given < n;
    });
    this.#turn = (this.#turn + 1) % SLOT_COUNT;
    if (given > 0) this.#line.serve();
  }

  /** Notifies up to `most` waiters of one thread; returns their number. */
  #give(cell: number, most: number): number {
    for (;;) {
      const state = load(this.#cells, cell);
      const given = Math.min(most, (state & WAITING) - (state >>> 16));
      if (given <= 0) return 0;
      if (compareExchange(this.#cells, cell, state, state + given * NOTIFIED) === state) return given;
    }
  }

  #enter(): void {
    const cell = this.#threadSlots.own();
    if (cell === -1) {
      throw new RangeError(
        `Cannot wait to be notified: too many threads wait for the condition (the limit is ${SLOT_COUNT})`,
      );
    }
    this.#change(cell, () => 1);
  }

  /** Releases one waiter of this thread, if one was notified. */
  #take(): true | undefined {
    return this.#change(this.#threadSlots.own(), (state) => state >>> 16 === 0 ? 0 : -1 - NOTIFIED) ? true : undefined;
  }

  /** Removes one waiter of this thread. If all waiters that remained were notified, one notification is left over. */
  #leave(): void {
    let over = false;
    this.#change(this.#threadSlots.own(), (state) => {
      over = state >>> 16 === (state & WAITING);
      return over ? -1 - NOTIFIED : -1;
    });
    if (over) this.#leftOver++;
  }

  /** Adds the result of a function of the cell's state to the cell. Returns false if the result is 0. */
  #change(cell: number, difference: (state: number) => number): boolean {
    for (;;) {
      const state = load(this.#cells, cell);
      const change = difference(state);
      if (change === 0) return false;
      if (compareExchange(this.#cells, cell, state, state + change) === state) return true;
    }
  }

  /** Passes notifications of cancelled waiters to other waiters, now that the lock is held. */
  #passOn(): void {
    const over = this.#leftOver;
    this.#leftOver = 0;
    if (over > 0) this.#notify(over);
  }

  /** Frees the slots of dead threads; notifications given to their waiters are lost. */
  #recover(): boolean {
    this.#threadSlots.clear(() => {});
    return false;
  }
}

function timedOut(timeout: number): TimeoutError {
  return new TimeoutError(`Cannot wait to be notified within ${timeout} ms`);
}
