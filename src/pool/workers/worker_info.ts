/**
 * Descriptions of a pool's workers.
 *
 * @module
 */

import { type PoolWorker, READY, STARTING } from "./pool_worker.ts";

/** A snapshot of a worker. */
export interface WorkerInfo {
  /** The worker's number in its pool, from 1. */
  readonly id: number;
  /** The process id; undefined for a thread. */
  readonly pid?: number;
  /** The thread's number within its process, equal to `currentThread().ident`; undefined for a process. */
  readonly threadId?: number;
  /** The worker's state; `"ending"` if it takes no more tasks. */
  readonly state: "starting" | "idle" | "busy" | "ending";
  /** The names of the tasks in progress. */
  readonly tasks: readonly string[];
  /** The time of the worker's start, in milliseconds since 1970. */
  readonly since: number;
}

/** Describes a worker. */
export function infoOf(worker: PoolWorker): WorkerInfo {
  const { id, handle: { pid, ident } } = worker;
  const tasks = [...worker.sent.values()].filter((job) => worker.isRunning(job)).map((job) => job.task.definition.name);
  return {
    id,
    ...pid === undefined ? {} : { pid },
    ...ident === undefined ? {} : { threadId: ident },
    state: stateOf(worker),
    tasks,
    since: worker.since,
  };
}

function stateOf({ state, sent }: PoolWorker): WorkerInfo["state"] {
  if (state === STARTING) return "starting";
  if (state !== READY) return "ending";
  return sent.size > 0 ? "busy" : "idle";
}
