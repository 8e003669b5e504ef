/**
 * A snapshot of what a pool does.
 *
 * @module
 */

import type { ExecutorStats } from "../futures/executor.ts";
import type { Crew } from "./crew.ts";
import type { Meter } from "./meter.ts";
import { countWorkers } from "./slot.ts";

/**
 * Makes a snapshot.
 *
 * @param parked how many tasks wait in the pool.
 * @param sent how many are at workers.
 */
export function statsOf({ slots, restarts }: Crew, parked: number, sent: number, meter: Meter): ExecutorStats {
  let running = 0;
  for (const slot of slots) if (slot.ready) running += Math.min(slot.sent.size, slot.concurrency);
  // What was sent ahead waits as well, at the worker.
  return { workers: countWorkers(slots), waiting: parked + sent - running, running, ...meter.snapshot(), restarts };
}
