/**
 * Limits the time in which a task's module loads.
 *
 * @module
 */

import { startTimer } from "../time/system_clock.ts";

/** The limit is counted in steps: an event loop blocked by another task delays only one of them. */
const STEPS = 8;

/**
 * Calls `late` when a module has been loading for `limit` milliseconds in which the event loop was not blocked.
 *
 * @returns a function that stops the limit.
 */
export function startLoadLimit(limit: number, late: () => void): () => void {
  let left = STEPS;
  let stop: () => void;
  const step = () => {
    if (left-- === 0) return late();
    stop = startTimer(limit / STEPS, step, { unref: true });
  };
  step();
  return () => stop();
}
