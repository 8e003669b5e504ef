/**
 * Nested waits: tasks that wait for other tasks of their pool.
 *
 * @module
 */

import { DeadlockError } from "../../core/errors.ts";
import type { FutureSource } from "../../futures/source.ts";
import * as op from "../../wire/message.ts";
import { ConcurrencyEstimator } from "./concurrency_estimator.ts";
import type { Settings } from "../options.ts";
import type { PoolWorker } from "../workers/pool_worker.ts";
import { Job } from "./job.ts";

/** For each task in this loop that waits, the work it waits for, in any pool. */
const waits = new Map<FutureSource, (FutureSource | undefined)[]>();

/**
 * The number of tasks that workers may have in progress. While a task waits for another one, its worker may run one
 * more task. Otherwise a pool would stall if all its tasks wait for tasks in its own queue, and so would two pools
 * whose tasks wait for each other. ForkJoinPool calls this compensation.
 */
export class NestedWaits {
  readonly #lent = new Map<PoolWorker, Set<Job>>();
  readonly #settings: Settings;
  readonly #estimator: ConcurrencyEstimator | undefined;
  readonly #dispatch: () => void;

  /** @param dispatch called when the number of tasks that a worker may have in progress has changed. */
  constructor(settings: Settings, dispatch: () => void) {
    this.#settings = settings;
    if (settings.concurrency === "auto") this.#estimator = new ConcurrencyEstimator();
    this.#dispatch = dispatch;
  }

  /** Number of tasks in progress per worker, without compensation for nested waits. */
  get own(): number {
    return this.#estimator?.concurrency ?? this.#settings.concurrency as number;
  }

  /** Updates the estimate with the times of a task. Returns true if workers must be told another number. */
  learn(runTime: number, syncTime: number): boolean {
    return this.#estimator?.learn(runTime, syncTime) ?? false;
  }

  /** Tells a worker how many tasks it may have in progress. */
  tell(worker: PoolWorker): void {
    worker.concurrency = this.own + (this.#lent.get(worker)?.size ?? 0);
    worker.writer.record(op.CONCURRENCY).u32(worker.concurrency);
  }

  /** Returns the number of jobs of a worker that wait for other jobs. */
  lentBy(worker: PoolWorker): number {
    return this.#lent.get(worker)?.size ?? 0;
  }

  /** Called before a job is sent to a worker. */
  enter(job: Job): void {
    this.#settings.jobs?.set(job.id, job);
  }

  /** Handles a job that has left its worker; `id` is the number under which it was sent. */
  leave(id: number, job: Job): void {
    if (this.#settings.jobs?.delete(id)) this.#takeBack(job);
  }

  /**
   * Starts a nested wait of a job.
   *
   * @param on the work it waits for, if it waits for a single future.
   * @returns a function that ends the wait.
   * @throws {DeadlockError} if that work waits for this task.
   */
  beginNestedWait(job: Job, on: FutureSource | undefined): () => void {
    // An aborted task may still have to wait before it can end.
    if (job.worker?.sent.get(job.id) !== job) return () => {};
    if (on !== undefined && leadsTo(on, job, new Set())) throw deadlock(job, on);
    const now = waits.get(job) ?? [];
    now.push(on);
    if (now.length === 1) {
      waits.set(job, now);
      const worker = job.worker!;
      const lenders = this.#lent.get(worker) ?? new Set();
      this.#lent.set(worker, lenders.add(job));
      this.#changed(worker);
    }
    let over = false;
    return () => {
      if (over) return;
      over = true;
      now.splice(now.indexOf(on), 1);
      if (now.length === 0 && waits.get(job) === now) this.#takeBack(job);
    };
  }

  /** Ends the nested wait of a job. */
  #takeBack(job: Job): void {
    if (!waits.delete(job)) return;
    for (const [worker, lenders] of this.#lent) {
      if (!lenders.delete(job)) continue;
      if (lenders.size === 0) this.#lent.delete(worker);
      return this.#changed(worker);
    }
  }

  #changed(worker: PoolWorker): void {
    this.tell(worker);
    worker.flush();
    this.#dispatch();
  }
}

function leadsTo(from: FutureSource, to: FutureSource, seen: Set<FutureSource>): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return (waits.get(from) ?? []).some((next) => next !== undefined && leadsTo(next, to, seen));
}

function deadlock(job: Job, on: FutureSource): DeadlockError {
  const [mine, other] = [job, on].map((each) => each instanceof Job ? each.task.definition.name : "unknown");
  return new DeadlockError(
    job === on
      ? `Cannot wait in task '${mine}' for the task itself: the wait would never end`
      : `Cannot wait in task '${mine}' for task '${other}', which waits for this one: neither would ever end`,
  );
}
