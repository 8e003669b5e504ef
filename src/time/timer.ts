/**
 * Calls a function once, later.
 *
 * @module
 */

import { checkDuration } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import type { Clock } from "../core/wait_queue.ts";
import { bind, Schedule } from "./schedule.ts";

/** Replaces the clock of a timer that has not been started. */
export let useClock: (timer: Timer, clock: Clock) => void;

/**
 * Calls a function once, an interval after the start, unless it is cancelled before.
 *
 * A started timer keeps the program alive until it has finished. The interval may exceed the limit of `setTimeout`.
 *
 * **Order.** Timers are called in order of their due times. **Cancellation.** `cancel` has effect until the function is
 * called. A timer that is cancelled before its start never calls. A `join` that ends early leaves the timer as it is.
 * **Cost.** Two host timers; a wait queue once a caller joins.
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
 * @example Cancel a timer before its call
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
   * Makes a timer. The function is not called before `start`.
   *
   * @param interval milliseconds from the start to the call: a minimum.
   * @param fn the function; if it returns a promise, the timer finishes when the promise settles.
   * @param args the arguments of the call.
   * @throws {RangeError} if `interval` is negative or NaN.
   * @throws {TypeError} if `interval` is not a number or `fn` is not a function.
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
   * Starts to count the interval.
   *
   * @returns the timer itself.
   * @throws {InvalidStateError} if it was started before.
   */
  start(): this {
    this.#schedule.start();
    return this;
  }

  /** Prevents the call. After the call, or after another `cancel`, it has no effect. */
  cancel(): void {
    this.#schedule.cancel();
  }

  /**
   * Waits until the timer has finished.
   *
   * If no caller waits in `join`, an error of the function is reported as an uncaught error; later joins reject with it
   * too.
   *
   * **Order.** All waiters resume together. **Cancellation.** A wait that ends early leaves nothing behind. **Cost.**
   * O(1).
   *
   * @throws {InvalidStateError} if the timer was not started, or if its own function waits for it.
   * @throws {TimeoutError} if it has not finished in time; `timeout: 0` never waits.
   * @throws the signal's reason if it is aborted, or the error of the function.
   */
  join(options?: WaitOptions): Promise<void> {
    return this.#schedule.join(options);
  }

  /** Cancels the timer. */
  [Symbol.dispose](): void {
    this.cancel();
  }
}
