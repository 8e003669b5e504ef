/**
 * The time limits of tasks.
 *
 * @module
 */

import { TimeoutError } from "../../core/errors.ts";
import { withoutFrames } from "../../core/frames.ts";
import { startTimer } from "../../time/system_clock.ts";
import { lateMessage } from "../../worker/function_loader.ts";
import type { PoolWorker } from "../workers/pool_worker.ts";
import type { Job } from "./job.ts";

/** Aborts tasks that exceed their time limit, counted from their start. */
export class TimeLimits {
  readonly #startTimeout: number;
  readonly #abort: (job: Job, reason: TimeoutError) => void;

  /** @param startTimeout time limit for loading the module of a task, in milliseconds. */
  constructor(startTimeout: number, abort: (job: Job, reason: TimeoutError) => void) {
    this.#startTimeout = startTimeout;
    this.#abort = abort;
  }

  /**
   * Starts the limit of a job that is sent. The job starts on arrival, unless its module must be loaded first: the
   * worker then reports the start.
   */
  sent(worker: PoolWorker, job: Job): void {
    const { timeout } = job.options;
    if (timeout === undefined) return;
    const { name, url } = job.task.definition;
    if (worker.loaded.has(job.task.reference)) {
      return this.#stopAfter(job, timeout, `Cannot continue task '${name}': its time limit is ${timeout} ms`);
    }
    const limit = this.#startTimeout;
    this.#stopAfter(job, limit, lateMessage(name, url, limit));
  }

  /** A worker has started a task for the first time. */
  started(worker: PoolWorker, id: number): void {
    const job = worker.sent.get(id);
    if (job === undefined) return;
    worker.loaded.add(job.task.reference);
    // An interrupted task that may take any time to end still has its time limit.
    if (job.aborted === undefined || job.aborted.unlimited === true) this.sent(worker, job);
  }

  #stopAfter(job: Job, time: number, message: string): void {
    job.stopTimer?.();
    job.stopTimer = startTimer(time, () => this.#abort(job, withoutFrames(() => new TimeoutError(message))));
  }
}
