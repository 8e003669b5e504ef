/**
 * What a pool tells of its workers.
 *
 * @module
 */

import { type PoolWorker, READY, STARTING } from "./pool_worker.ts";

/** A worker; stale when it is read. */
export interface WorkerInfo {
  /** Tells the workers of a pool apart, from 1. */
  readonly id: number;
  /** The number of a process. */
  readonly pid?: number;
  /** The number of a thread among those of its process, as `currentThread().ident` tells it. */
  readonly threadId?: number;
  /** What it does: it is `"ending"` once it takes no more tasks. */
  readonly state: "starting" | "idle" | "busy" | "ending";
  /** The names of the tasks in progress. */
  readonly tasks: readonly string[];
  /** When it was started, in milliseconds since 1970. */
  readonly since: number;
}

/** Tells of one worker. */
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
