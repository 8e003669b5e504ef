/**
 * Metrics: the counters and times of a pool.
 *
 * @module
 */

import { Histogram } from "../../core/histogram.ts";
import type { ExecutorStats } from "../../futures/executor.ts";
import type { UnobservedFailures } from "../../futures/unobserved.ts";

/** Counts the outcomes of tasks and records their times. */
export class Metrics {
  completed = 0;
  failed = 0;
  cancelled = 0;
  lost = 0;
  readonly #unobserved: Pick<UnobservedFailures, "count">;
  readonly queueTime: Histogram = new Histogram();
  readonly transferTime: Histogram = new Histogram();
  readonly runTime: Histogram = new Histogram();

  constructor(unobserved: Pick<UnobservedFailures, "count">) {
    this.#unobserved = unobserved;
  }

  /** Returns the current counts and times. */
  snapshot(): Omit<ExecutorStats, "workers" | "waiting" | "running" | "restarts"> {
    const { completed, failed, cancelled, lost } = this;
    return {
      completed,
      failed,
      cancelled,
      lost,
      unobserved: this.#unobserved.count,
      queueTime: this.queueTime.summary(),
      transferTime: this.transferTime.summary(),
      runTime: this.runTime.summary(),
    };
  }
}
