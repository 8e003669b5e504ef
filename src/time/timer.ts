/**
 * A function called once, later.
 *
 * @module
 */

import { checkDuration } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import type { Clock } from "../core/wait_queue.ts";
import { bind, Schedule } from "./schedule.ts";

/** Puts another clock into a timer that was not started yet. */
export let useClock: (timer: Timer, clock: Clock) => void;

/**
 * A function that is called once, a while after the start, unless it is cancelled before.
 *
 * A timer that was started keeps the program alive until it has finished. Any interval is kept, also one that is too long
 * for `setTimeout`.
 *
 * **Order.** Timers are called in the order in which they are due. **Cancellation.** `cancel` has effect until the
 * function is called; a timer cancelled before its start never calls. A `join` that ends early leaves the timer as it is.
 * **Cost.** Two timers of the host; a line of those who join, once somebody does.
 *
 * @typeParam A the arguments of the function.
 *
 * @example Call a function later
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { Timer } from "@heddle/heddle";
 *
 * const sums: number[] = [];
 * const timer = new Timer(10, (a: number, b: number) => sums.push(a + b), 2, 3).start();
 * await timer.join();
 * assert(timer.finished);
 * assertEquals(sums, [5]);
 * ```
 *
 * @example Change one's mind
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Timer } from "@heddle/heddle";
 *
 * let calls = 0;
 * const timer = new Timer(60_000, () => calls++).start();
 * timer.cancel();
 * await timer.join();
 * assertEquals(calls, 0);
 * ```
 */
export class Timer<A extends unknown[] = unknown[]> implements Disposable {
  readonly #schedule: Schedule;

  static {
    useClock = (timer, clock) => {
      timer.#schedule.clock = clock;
    };
    printsAs(this, "Timer", ["finished"]);
  }

  /**
   * Makes a timer; it does nothing before `start`.
   *
   * @param interval milliseconds from the start to the call: a minimum.
   * @param fn the function; if it returns a promise, the timer has finished when that is settled.
   * @param args what it is called with.
   * @throws {RangeError} if the interval is negative or NaN.
   * @throws {TypeError} if the interval is no number or `fn` no function.
   */
  constructor(interval: number, fn: (...args: A) => unknown, ...args: A) {
    checkDuration("Cannot make a Timer as 'interval'", interval);
    let waited = false;
    const next = () => {
      if (waited) return undefined;
      waited = true;
      return interval;
    };
    this.#schedule = new Schedule("a Timer", next, bind("Cannot make a Timer", fn, args));
  }

  /** Whether the function has been called and has ended, or the timer was cancelled. */
  get finished(): boolean {
    return this.#schedule.finished;
  }

  /**
   * Begins to count the interval.
   *
   * @returns the timer itself.
   * @throws {InvalidStateError} if it was started before.
   */
  start(): this {
    this.#schedule.start();
    return this;
  }

  /** Keeps the function from being called. Once it has been called, or cancelled before, this changes nothing. */
  cancel(): void {
    this.#schedule.cancel();
  }

  /**
   * Waits until the timer has finished. An error of the function that nobody has joined for is reported as an uncaught
   * one is; joins that come later reject with it all the same.
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
