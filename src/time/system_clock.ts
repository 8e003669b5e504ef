/**
 * The only timers of the library.
 *
 * @module
 */

import type { Clock } from "../core/wait_queue.ts";
import { runtime } from "../runtime/mod.ts";
import type { HostTime } from "../runtime/types.ts";

/** A longer delay makes `setTimeout` fire at once on every runtime, so longer ones are waited for in slices. */
const LONGEST_SLICE = 2 ** 31 - 1;

/** Milliseconds on a clock that only goes forward; comparable within one thread. */
export const now: () => number = runtime.now;

/** The clock that everything waits by. */
export const systemClock: Clock = { now, startTimer: (delay, fn) => startTimer(delay, fn) };

/** How a timer treats the program. */
export interface TimerOptions {
  /** Whether the program may end while the timer waits. */
  unref?: boolean;
}

/** The part of the host that timers need; tests put another in its place. */
export type TimerHost = Pick<HostTime, "now" | "startTimer" | "stopTimer">;

/**
 * Calls `fn` once, `delay` milliseconds from now or a little later; never for `Infinity`.
 *
 * @returns a function that cancels the call.
 */
export function startTimer(
  delay: number,
  fn: () => void,
  { unref = false }: TimerOptions = {},
  host: TimerHost = runtime,
): () => void {
  if (delay === Infinity) return () => {};
  const due = host.now() + delay;
  const arm = () => {
    const left = due - host.now();
    if (left <= 0) return fn();
    timer = host.startTimer(arm, Math.min(Math.ceil(left), LONGEST_SLICE), unref);
  };
  let timer = host.startTimer(arm, Math.min(Math.ceil(delay), LONGEST_SLICE), unref);
  return () => host.stopTimer(timer);
}
