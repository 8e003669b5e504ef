/**
 * The system clock and its timers. All other files of the library set timers through it.
 *
 * @module
 */

import type { Clock } from "../core/wait_queue.ts";
import { runtime } from "../runtime/mod.ts";
import type { HostTime } from "../runtime/types.ts";

/**
 * The longest delay of one host timer. `setTimeout` fires at once for a longer delay on every runtime, so such a delay
 * is split.
 */
const LONGEST_SLICE = 2 ** 31 - 1;

/** Milliseconds on a monotonic clock; comparable within one thread. */
export const now: () => number = runtime.now;

/** The clock of all timeouts and delays. */
export const systemClock: Clock = { now, startTimer: (delay, fn) => startTimer(delay, fn) };

/** Options of a timer. */
export interface TimerOptions {
  /** Whether the program may end while the timer waits. */
  unref?: boolean;
}

/** The host functions that timers use; tests replace them. */
export type TimerHost = Pick<HostTime, "now" | "startTimer" | "stopTimer">;

/**
 * Calls `fn` once, after at least `delay` milliseconds; never for `Infinity`.
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
