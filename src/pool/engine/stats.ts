/**
 * The statistics of a pool.
 *
 * @module
 */

import type { ExecutorStats } from "../../futures/executor.ts";
import type { Supervisor } from "../workers/supervisor.ts";
import type { Metrics } from "./metrics.ts";
import { countWorkers } from "../workers/pool_worker.ts";

/**
 * Returns a snapshot.
 *
 * @param parked number of tasks that wait in the pool.
 * @param sent number of tasks at workers.
 */
export function statsOf(
  { workers, restarts }: Supervisor,
  parked: number,
  sent: number,
  metrics: Metrics,
): ExecutorStats {
  let running = 0;
  for (const worker of workers) if (worker.ready) running += Math.min(worker.sent.size, worker.concurrency);
  // Tasks that were sent ahead wait as well, at the worker.
  return { workers: countWorkers(workers), waiting: parked + sent - running, running, ...metrics.snapshot(), restarts };
}
