/**
 * Timers of throttles.
 *
 * @module
 */

import type { Clock } from "../core/wait_queue.ts";
import { startTimer, systemClock } from "../time/system_clock.ts";

/** Starts a timer that keeps no program alive: while callers wait, the line does. Returns what stops it. */
export function wakeLater(clock: Clock, delay: number, wake: () => void): () => void {
  return clock === systemClock ? startTimer(delay, wake, { unref: true }) : clock.startTimer(delay, wake);
}
