/**
 * Tasks that have failed for good: lists them and runs them again.
 *
 * @module
 */

import { InvalidStateError } from "../core/errors.ts";
import { carryErrors } from "../futures/retry_plan.ts";
import type { Codec } from "./codec.ts";
import type { EngineJob, EngineQueue } from "./engine.ts";
import { readFailure } from "./failure.ts";
import type { JobData } from "./outbox.ts";
import { jobIdOf, taskIdOf } from "./task_id.ts";

/** A task that has failed for good. */
export interface DeadTask {
  /** Its id or its key. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** The number of attempts. */
  readonly attempts: number;
  /** The error of its last attempt. */
  readonly error: unknown;
}

/** The most tasks listed, the latest first. */
const MOST = 1_000;

/** Reads and revives failed jobs. */
export class Dead {
  readonly #queue: EngineQueue;
  readonly #codec: Codec;

  constructor(queue: EngineQueue, codec: Codec) {
    this.#queue = queue;
    this.#codec = codec;
  }

  /** Lists the tasks that are kept. Aborted tasks are left out. */
  async list(): Promise<DeadTask[]> {
    const jobs = await this.#queue.getFailed(0, MOST - 1);
    return jobs.flatMap((job) => {
      const { error, stopped } = this.#read(job);
      if (stopped) return [];
      return [{ id: taskIdOf(job.id ?? ""), name: job.name, attempts: job.attemptsMade, error }];
    });
  }

  /** Returns the job of a task. */
  async take(id: string): Promise<EngineJob> {
    const jobId = jobIdOf(id);
    const job = await this.#queue.getJob(jobId);
    if (job === undefined) throw unknownTask(id);
    const state = await this.#queue.getJobState(jobId);
    if (state === "failed") return job;
    throw new InvalidStateError(`Cannot run task ${JSON.stringify(id)} again: it has not failed (it is ${state})`);
  }

  /** Runs it again, from its first attempt on, as if it had lost no host. */
  async revive(job: EngineJob, id: string): Promise<void> {
    try {
      await job.updateData({ ...job.data as JobData, lost: job.stalledCounter } as never);
      await job.retry("failed" as never, { resetAttemptsMade: true, resetAttemptsStarted: true } as never);
    } catch (cause) {
      throw new InvalidStateError(`Cannot run task ${JSON.stringify(id)} again: it was changed meanwhile`, { cause });
    }
  }

  #read({ failedReason = "" }: EngineJob): { error: unknown; stopped: boolean } {
    try {
      const failure = readFailure(this.#codec, failedReason);
      if (failure === undefined) return { error: new Error(failedReason), stopped: false };
      carryErrors(failure.error, failure.earlier);
      return failure;
    } catch (error) {
      return { error, stopped: false };
    }
  }
}

/** The error for an unknown id. */
export function unknownTask(id: string): InvalidStateError {
  return new InvalidStateError(`Cannot find task ${JSON.stringify(id)}: the server has none of this id`);
}
