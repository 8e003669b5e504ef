/**
 * The timers of throttles.
 *
 * @module
 */

import type { Clock } from "../core/wait_queue.ts";
import { runtime } from "../runtime/mod.ts";
import { startTimer, systemClock } from "../time/system_clock.ts";

/**
 * Starts a timer that does not keep the program alive: the queue does so while callers wait. Returns a function that
 * stops the timer.
 */
export function wakeLater(clock: Clock, delay: number, wake: () => void): () => void {
  return clock === systemClock ? startTimer(delay, wake, { unref: true }) : clock.startTimer(delay, wake);
}

/** Calls a function at the end of this turn of the loop. */
export function atEndOfTurn(clock: Clock, fn: () => void): void {
  if (clock === systemClock) runtime.defer(fn);
  else clock.startTimer(0, fn);
}
