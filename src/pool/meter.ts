/**
 * The counters and times of a pool.
 *
 * @module
 */

import { Histogram } from "../core/histogram.ts";
import type { ExecutorStats } from "../futures/executor.ts";

/** Counts what becomes of tasks. */
export class Meter {
  waiting = 0;
  completed = 0;
  failed = 0;
  cancelled = 0;
  lost = 0;
  restarts = 0;
  unobserved = 0;
  readonly queueTime: Histogram = new Histogram();
  readonly transferTime: Histogram = new Histogram();
  readonly runTime: Histogram = new Histogram();

  /** Returns a snapshot. */
  stats(workers: ExecutorStats["workers"], running: number): ExecutorStats {
    const { waiting, completed, failed, cancelled, lost, restarts, unobserved } = this;
    return {
      workers,
      waiting,
      running,
      completed,
      failed,
      cancelled,
      lost,
      restarts,
      unobserved,
      queueTime: this.queueTime.summary(),
      transferTime: this.transferTime.summary(),
      runTime: this.runTime.summary(),
    };
  }
}
