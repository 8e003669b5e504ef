/**
 * Waiting for a state that a lock protects.
 *
 * @module
 */

import { compareExchange, load } from "../core/cell.ts";
import { checkFunction, checkInteger } from "../core/check.ts";
import { InvalidStateError, TimeoutError } from "../core/errors.ts";
import { printsAs } from "../core/inspect.ts";
import { checkWait, type WaitOptions } from "../core/wait_options.ts";
import { now } from "../time/system_clock.ts";
import { Line, LINE_CELLS } from "./line.ts";
import { Lock, lockMonitor } from "./lock.ts";
import { ownCells, travels } from "./memory.ts";
import type { Monitor } from "./monitor.ts";
import type { Permit } from "./permit.ts";
import { RLock, rlockMonitor } from "./rlock.ts";
import { seatCells, Seats } from "./seats.ts";

/** In its seat a thread notes how many of it wait, in the lower half, and how many of these were notified, above. */
const SEATS = LINE_CELLS, SEAT_COUNT = 256;
const CELLS = SEATS + seatCells(SEAT_COUNT);
const WAITING = 0xffff, NOTIFIED = 0x10000;

/** What a condition does through its lock. */
const MADE = ["acquire", "tryAcquire", "acquireSync", "release", "run", "waitFor", "locked"];

/**
 * A place to wait for a state that a lock protects: `wait` releases the lock, waits to be notified, and takes the lock
 * again.
 *
 * The same condition serves one loop, threads and processes: pass it to a task as an argument. At most 256 threads, and
 * 65,535 in each of them, can wait at once.
 *
 * **Order.** In one loop those who wait are notified first come, first served; threads take turns. **Cancellation.** A wait
 * that ends early takes the lock again before it rejects, and a notification it had been given goes to another.
 * **Cost.** O(1) to wait, O(threads) to notify. **Memory.** As of the lock.
 *
 * @example Wait until there is something
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
  readonly #line: Line<null, true>;
  readonly #seats: Seats;
  /** Where the next notification starts looking. */
  #turn = 0;
  /** How many notifications were given to those who had stopped waiting by then. */
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

  /** Makes a condition over a lock, a new one if left out. Several conditions may share one. */
  constructor(lock: Lock | RLock = new Lock()) {
    if (!(lock instanceof Lock || lock instanceof RLock)) {
      throw new TypeError("Cannot make a condition as 'lock' must be a Lock or an RLock");
    }
    this.#lock = lock;
    this.#monitor = lock instanceof Lock ? lockMonitor(lock) : rlockMonitor(lock);
    const { cells } = ownCells(CELLS);
    this.#cells = cells;
    this.#seats = new Seats(cells, SEATS, SEAT_COUNT);
    this.#line = new Line(cells, "Cannot wait to be notified", {
      exclusive: false,
      take: () => this.#take(),
      left: () => this.#leave(),
      mend: () => this.#mend(),
    });
  }

  /** Whether anybody holds the lock. Stale when read. */
  get locked(): boolean {
    return this.#lock.locked;
  }

  /** Acquires the lock. See {@linkcode Lock.acquire}. */
  acquire(options?: WaitOptions): Promise<Permit> {
    return this.#lock.acquire(options);
  }

  /** Acquires the lock if that is possible at once. */
  tryAcquire(): Permit | undefined {
    return this.#lock.tryAcquire();
  }

  /** Acquires the lock, blocking this thread. */
  acquireSync(options: WaitOptions = {}): Permit {
    return this.#lock.acquireSync(options);
  }

  /** Releases the lock. */
  release(): void {
    this.#lock.release();
  }

  /** Runs a function while it holds the lock. */
  run<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    return this.#lock.run(fn, options);
  }

  /**
   * Releases the lock, waits to be notified, and takes the lock again, however the wait ends.
   *
   * @param options the limits of the wait to be notified; taking the lock again has none.
   * @throws {InvalidStateError} if the caller does not hold the lock.
   * @throws {TimeoutError} if it is not notified in time.
   * @throws the signal's reason if it is aborted.
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
    // Who waits in this loop and was notified goes on first: a blocked thread would take that for its own.
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
   * Waits until a predicate holds: it is called with the lock held, now and after each notification.
   *
   * @param options the limits of all the waiting together.
   * @returns what the predicate has returned, which is truthy.
   * @throws as `wait`, and what the predicate throws.
   */
  async waitFor<R>(predicate: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    checkFunction("Cannot wait for 'predicate'", predicate);
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

  /** Blocks this thread until a predicate holds. As `waitFor`. */
  waitForSync<R>(predicate: () => R, options: WaitOptions = {}): R {
    checkFunction("Cannot wait for 'predicate'", predicate);
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
   * Notifies some of those who wait; they go on once they have the lock.
   *
   * @throws {InvalidStateError} if the caller does not hold the lock.
   */
  notify(n = 1): void {
    checkInteger("Cannot notify as 'n'", n, 1);
    this.#requireLock("notify");
    this.#notify(n);
  }

  /** Notifies all who wait now. As `notify`. */
  notifyAll(): void {
    this.#requireLock("notify");
    this.#notify(Infinity);
  }

  #requireLock(what: string): void {
    if (!this.#monitor.owned) throw new InvalidStateError(`Cannot ${what} without holding the lock of the condition`);
  }

  #notify(n: number): void {
    let given = 0;
    this.#seats.each(this.#turn, (cell) => {
      given += this.#give(cell, n - given);
      return given < n;
    });
    this.#turn = (this.#turn + 1) % SEAT_COUNT;
    if (given > 0) this.#line.serve();
  }

  /** Notifies up to `most` of one thread; returns how many. */
  #give(cell: number, most: number): number {
    for (;;) {
      const state = load(this.#cells, cell);
      const given = Math.min(most, (state & WAITING) - (state >>> 16));
      if (given <= 0) return 0;
      if (compareExchange(this.#cells, cell, state, state + given * NOTIFIED) === state) return given;
    }
  }

  #enter(): void {
    const cell = this.#seats.own();
    if (cell === -1) {
      throw new RangeError(`Cannot wait to be notified as too many threads do: the limit is ${SEAT_COUNT}`);
    }
    this.#change(cell, () => 1);
  }

  /** One of this thread goes on, if one of it was notified. */
  #take(): true | undefined {
    return this.#change(this.#seats.own(), (state) => state >>> 16 === 0 ? 0 : -1 - NOTIFIED) ? true : undefined;
  }

  /** One of this thread has stopped waiting. If all that were left of it were notified, a notification is left over. */
  #leave(): void {
    let over = false;
    this.#change(this.#seats.own(), (state) => {
      over = state >>> 16 === (state & WAITING);
      return over ? -1 - NOTIFIED : -1;
    });
    if (over) this.#leftOver++;
  }

  /** Adds to a cell what a function of its state says; false for nothing. */
  #change(cell: number, difference: (state: number) => number): boolean {
    for (;;) {
      const state = load(this.#cells, cell);
      const change = difference(state);
      if (change === 0) return false;
      if (compareExchange(this.#cells, cell, state, state + change) === state) return true;
    }
  }

  /** Notifications of those who had stopped waiting go to others, now that the lock is held. */
  #passOn(): void {
    const over = this.#leftOver;
    this.#leftOver = 0;
    if (over > 0) this.#notify(over);
  }

  /** The seats of the dead are free again; what they were notified of is lost with them. */
  #mend(): boolean {
    this.#seats.clear(() => {});
    return false;
  }
}

function timedOut(timeout: number): TimeoutError {
  return new TimeoutError(`Cannot wait to be notified within ${timeout} ms`);
}
