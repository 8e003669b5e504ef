/**
 * Calls a function repeatedly, without drift.
 *
 * @module
 */

import { checkDuration } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import type { Clock } from "../core/wait_queue.ts";
import { bind, Schedule } from "./schedule.ts";

/** Replaces the clock of an interval that has not been started. */
export let useClock: (interval: Interval, clock: Clock) => void;

/**
 * Calls a function repeatedly, without drift: the n-th call is due n intervals after the start.
 *
 * Calls never overlap and never come in a burst. A call is skipped if it is due while the program is busy, or while the
 * promise of the previous call is pending. The following call is made on schedule. A started interval keeps the program
 * alive until it has finished.
 *
 * **Order.** Calls are made one after the other. **Cancellation.** `cancel` lets a call in progress end and prevents
 * further calls. An interval that is cancelled before its start never calls. A `join` that ends early leaves the
 * interval as it is. **Cost.** Two host timers; a wait queue once a caller joins.
 *
 * @typeParam A the arguments of the function.
 *
 * @example Count to three
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Interval } from "@heddle/heddle";
 *
 * let calls = 0;
 * const interval = new Interval(5, () => {
 *   if (++calls === 3) interval.cancel();
 * }).start();
 * await interval.join();
 * assertEquals(calls, 3);
 * ```
 */
export class Interval<A extends unknown[] = unknown[]> implements Disposable {
  readonly #schedule: Schedule;

  static {
    useClock = (interval, clock) => {
      interval.#schedule.clock = clock;
    };
    printsAs(this, "Interval", ["finished"]);
  }

  /**
   * Makes an interval. No call is made before `start`.
   *
   * @param interval milliseconds from one call to the next.
   * @param fn the function; if it returns a promise, the call lasts until the promise settles.
   * @param args the arguments of each call.
   * @throws {RangeError} if `interval` is 0, negative or NaN.
   * @throws {TypeError} if `interval` is not a number or `fn` is not a function.
   */
  constructor(interval: number, fn: (...args: A) => unknown, ...args: A) {
    const what = "Cannot make an Interval as 'interval'";
    checkDuration(what, interval);
    if (interval === 0) throw new RangeError(`${what} must be more than 0 ms: current value is 0`);
    let turn = 0;
    // Adding up intervals is the tempting way: it accumulates rounding errors, multiples do not. The host may call
    // slightly early, so that the division gives the same turn again; the maximum then counts the turn as over.
    const next = (elapsed: number) => (turn = Math.max(turn, Math.floor(elapsed / interval)) + 1) * interval;
    this.#schedule = new Schedule("an Interval", next, bind("Cannot make an Interval", fn, args));
  }

  /** Whether the interval was cancelled, or stopped by an error of the function, and no call is in progress. */
  get finished(): boolean {
    return this.#schedule.finished;
  }

  /**
   * Starts the interval; the first call is due one interval later.
   *
   * @returns the interval itself.
   * @throws {InvalidStateError} if it was started before.
   */
  start(): this {
    this.#schedule.start();
    return this;
  }

  /** Prevents further calls. Cancelling twice is harmless. */
  cancel(): void {
    this.#schedule.cancel();
  }

  /**
   * Waits until the interval has finished.
   *
   * An error of the function stops the interval. If no caller waits in `join`, the error is reported as an uncaught
   * error; later joins reject with it too.
   *
   * **Order.** All waiters resume together. **Cancellation.** A wait that ends early leaves nothing behind. **Cost.**
   * O(1).
   *
   * @throws {InvalidStateError} if the interval was not started, or if its own function waits for it.
   * @throws {TimeoutError} if it has not finished in time; `timeout: 0` never waits.
   * @throws the signal's reason if it is aborted, or the error of the function.
   */
  join(options?: WaitOptions): Promise<void> {
    return this.#schedule.join(options);
  }

  /** Cancels the interval. */
  [Symbol.dispose](): void {
    this.cancel();
  }
}
