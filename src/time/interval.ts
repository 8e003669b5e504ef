/**
 * A function called again and again.
 *
 * @module
 */

import { checkDuration } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import type { Clock } from "../core/wait_queue.ts";
import { bind, Schedule } from "./schedule.ts";

/** Puts another clock into an interval that was not started yet. */
export let useClock: (interval: Interval, clock: Clock) => void;

/**
 * A function that is called again and again, without drift: the n-th time n intervals after the start.
 *
 * Calls never overlap and never come in a burst. What is due while the program is busy, or while a call that returned a
 * promise goes on, is left out; the next call is made when the next one is due. An interval that was started keeps the
 * program alive until it has finished.
 *
 * **Order.** Calls are made one after the other. **Cancellation.** `cancel` lets a call in progress end and makes no
 * further one; one cancelled before its start never calls. A `join` that ends early leaves the interval as it is.
 * **Cost.** Two timers of the host; a line of those who join, once somebody does.
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
   * Makes an interval; it does nothing before `start`.
   *
   * @param interval milliseconds from one call to the next.
   * @param fn the function; if it returns a promise, the call goes on until that is settled.
   * @param args what it is called with.
   * @throws {RangeError} if the interval is 0, negative or NaN.
   * @throws {TypeError} if the interval is no number or `fn` no function.
   */
  constructor(interval: number, fn: (...args: A) => unknown, ...args: A) {
    const what = "Cannot make an Interval as 'interval'";
    checkDuration(what, interval);
    if (interval === 0) throw new RangeError(`${what} must be more than 0 ms: current value is 0`);
    let turn = 0;
    // Multiples of the interval do not add up rounding errors as repeated sums do. The host may call a trace too early for
    // the turn to be over by division: it is over all the same.
    const next = (elapsed: number) => (turn = Math.max(turn, Math.floor(elapsed / interval)) + 1) * interval;
    this.#schedule = new Schedule("an Interval", next, bind("Cannot make an Interval", fn, args));
  }

  /** Whether it was cancelled, or stopped by an error of the function, and no call is in progress. */
  get finished(): boolean {
    return this.#schedule.finished;
  }

  /**
   * Begins; the first call is made one interval later.
   *
   * @returns the interval itself.
   * @throws {InvalidStateError} if it was started before.
   */
  start(): this {
    this.#schedule.start();
    return this;
  }

  /** Makes no further call. Cancelling twice changes nothing. */
  cancel(): void {
    this.#schedule.cancel();
  }

  /**
   * Waits until the interval has finished. An error of the function stops it; if nobody has joined, the error is reported
   * as an uncaught one is, and joins that come later reject with it all the same.
   *
   * **Order.** All who wait go on together. **Cancellation.** A wait that ends early leaves nothing behind.
   * **Cost.** O(1).
   *
   * @throws {InvalidStateError} if it was not started, or if its own function waits for it.
   * @throws {TimeoutError} if it has not finished in time; `timeout: 0` means now or never.
   * @throws the signal's reason if it is aborted, or what the function threw.
   */
  join(options?: WaitOptions): Promise<void> {
    return this.#schedule.join(options);
  }

  /** Cancels. */
  [Symbol.dispose](): void {
    this.cancel();
  }
}
