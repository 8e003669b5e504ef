/**
 * The only timers of the library.
 *
 * @module
 */

import type { Clock } from "../core/wait_queue.ts";
import { runtime } from "../runtime/mod.ts";

/** A longer delay makes `setTimeout` fire at once on every runtime, so longer ones are waited for in slices. */
const LONGEST_SLICE = 2 ** 31 - 1;

/** Milliseconds on a clock that only goes forward; comparable within one thread. */
export function now(): number {
  return performance.now();
}

/** The clock that everything waits by. */
export const systemClock: Clock = { now, startTimer: (delay, fn) => startTimer(delay, fn) };

/** How a timer treats the program. */
export interface TimerOptions {
  /** Whether the program may end while the timer waits. */
  unref?: boolean;
}

/**
 * Calls `fn` once, `delay` milliseconds from now or a little later; never for `Infinity`.
 *
 * @returns a function that cancels the call.
 */
export function startTimer(delay: number, fn: () => void, options: TimerOptions = {}): () => void {
  if (delay === Infinity) return () => {};
  const due = now() + delay;
  let timer: ReturnType<typeof setTimeout>;
  const arm = () => {
    const left = due - now();
    if (left <= 0) return fn();
    timer = setTimeout(arm, Math.min(Math.ceil(left), LONGEST_SLICE));
    if (options.unref) runtime.unrefTimer(timer);
  };
  timer = setTimeout(arm, Math.min(Math.ceil(delay), LONGEST_SLICE));
  if (options.unref) runtime.unrefTimer(timer);
  return () => clearTimeout(timer);
}
