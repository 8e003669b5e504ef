/**
 * The statistics of a pool.
 *
 * @module
 */

import type { ExecutorStats } from "../futures/executor.ts";
import type { Crew } from "./crew.ts";
import type { Meter } from "./meter.ts";
import { countWorkers } from "./slot.ts";

/**
 * Returns a snapshot.
 *
 * @param parked number of tasks that wait in the pool.
 * @param sent number of tasks at workers.
 */
export function statsOf({ slots, restarts }: Crew, parked: number, sent: number, meter: Meter): ExecutorStats {
  let running = 0;
  for (const slot of slots) if (slot.ready) running += Math.min(slot.sent.size, slot.concurrency);
  // Tasks that were sent ahead wait as well, at the worker.
  return { workers: countWorkers(slots), waiting: parked + sent - running, running, ...meter.snapshot(), restarts };
}
