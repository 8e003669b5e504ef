/**
 * Ends all work of a pool.
 *
 * @module
 */

import { markUnfinished } from "../../futures/unfinished.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Retries } from "./retries.ts";
import type { AbortEscalation } from "./abort.ts";
import type { Settlement } from "./settlement.ts";
import type { PoolWorker } from "../workers/pool_worker.ts";
import { type Job, SENT } from "./job.ts";

/** The parts of a pool that hold work. */
export interface Parts {
  readonly dispatcher: Dispatcher;
  readonly retries: Retries;
  readonly workers: readonly PoolWorker[];
  readonly escalation: AbortEscalation;
  readonly settlement: Settlement;
}

/** Cancels all waiting jobs. */
export function cancelAll({ dispatcher, workers, escalation }: Parts): void {
  dispatcher.recallAll();
  for (const job of dispatcher.line()) escalation.cancel(job);
  for (const worker of workers) {
    if (worker.ready) continue;
    for (const job of [...worker.sent.values()]) escalation.cancel(job);
  }
}

/** Drops waiting jobs, and fires the signals of running ones, which may still return values. */
export function interruptAll({ dispatcher, retries, workers, escalation }: Parts, reason: unknown): void {
  dispatcher.recallAll();
  for (const job of retries.paused) escalation.abort(job, reason);
  for (const job of dispatcher.line()) escalation.abort(job, reason);
  for (const worker of workers) {
    for (const job of [...worker.sent.values()]) escalation.abort(job, reason, { gentle: true, grace: Infinity });
  }
}

/** Rejects the futures of all jobs, as failed or as aborted, before the workers are ended. */
export function rejectAll(
  { dispatcher, retries, workers, settlement }: Parts,
  error: () => unknown,
  aborted = false,
): void {
  const settle = (job: Job) => {
    if (aborted && !job.future.done) settlement.aborted(job, error());
    else settlement.settle(job, { error: error() });
  };
  for (const job of dispatcher.line()) {
    dispatcher.leave(job);
    settle(job);
  }
  for (const job of retries.paused) settle(job);
  for (const worker of [...workers]) {
    for (const job of [...worker.sent.values()]) {
      if (job.state !== SENT) continue;
      if (worker.isRunning(job)) markUnfinished(job.future);
      job.aborted ??= { reason: undefined, late: false };
      settle(job);
    }
  }
}
