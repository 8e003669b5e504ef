/**
 * How long the module of a task may take to load.
 *
 * @module
 */

import { startTimer } from "../time/system_clock.ts";

/** The limit is counted in so many steps. A loop that is blocked by another task delays one, and the others are still to come. */
const STEPS = 8;

/**
 * Calls back when a module has been loading for longer than a limit, in milliseconds, in which the loop turned.
 *
 * @returns stops it.
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
