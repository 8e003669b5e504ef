/**
 * Applies the events of a queue and of its hosts to the pending tasks.
 *
 * @module
 */

import { BrokenExecutorError } from "../core/errors.ts";
import { type ClusterTask, RUNNING } from "./cluster_task.ts";
import type { Codec } from "./codec.ts";
import { unknownTask } from "./dead.ts";
import type { EngineQueue } from "./engine.ts";
import type { Fields } from "./event_stream.ts";
import type { HostList } from "./host_list.ts";
import type { Pending } from "./pending.ts";
import { type Ended, readReason, readResult } from "./results.ts";
import type { Settlement } from "./settlement.ts";
import type { Stopper } from "./stopper.ts";

/** Suffix of the queue through which executors and hosts exchange messages. It carries no results. */
export const CONTROL = "-control";
/** Messages: an executor asks for hosts; a host is there, leaves, or reports that a task has timed out. */
export const WHO = "heddle:who", HERE = "heddle:host", BYE = "heddle:bye", LATE = "heddle:late";
/** The events of tasks that an executor listens to. */
export const TASK_EVENTS: readonly string[] = [
  "active",
  "waiting",
  "delayed",
  "progress",
  "completed",
  "failed",
  "removed",
];
/** The messages of hosts that an executor listens to. */
export const CONTROL_EVENTS: readonly string[] = [HERE, BYE, LATE];

/** States of a removed job that no host had taken. */
const UNTAKEN = ["wait", "waiting", "paused", "delayed", "prioritized"];

/** The fields of an event of a task. */
export type Told = Fields & {
  readonly jobId?: string;
  readonly prev?: string;
  readonly returnvalue?: unknown;
  readonly failedReason?: unknown;
  readonly data?: unknown;
};

/** The parts that events act on. */
export interface TaskEventParts {
  readonly queue: EngineQueue;
  readonly codec: Codec;
  readonly pending: Pending;
  readonly settlement: Settlement;
  readonly stopper: Stopper;
  readonly hosts: HostList;
  readonly now: () => number;
}

/** Handles events. Reads the job where an event is incomplete. */
export class TaskEvents {
  readonly #parts: TaskEventParts;

  constructor(parts: TaskEventParts) {
    this.#parts = parts;
  }

  /** Handles an event. */
  heard(event: string, fields: Told): void {
    const { hosts, pending, stopper, settlement, now } = this.#parts;
    if (event === HERE) return hosts.heard(fields);
    if (event === BYE) return hosts.left(fields);
    const jobId = String(fields.jobId);
    if (event === "completed" || event === "failed" || event === "removed") {
      stopper.ended(jobId, event === "removed");
    }
    for (const task of pending.of(jobId)) {
      task.seenAt = now();
      switch (event) {
        case "active":
          settlement.started(task);
          break;
        case "waiting":
        case "delayed":
          if (task.state === RUNNING) settlement.paused(task);
          break;
        case "progress":
          this.#progress(task, fields.data);
          break;
        case "removed":
          this.#removed(task, fields.prev);
          break;
        case LATE:
          this.#late(task, fields.error);
          break;
        default:
          this.#ended(task, event, fields);
      }
    }
  }

  /** Reads a job that has ended, and settles its tasks. */
  async look(jobId: string, known?: string): Promise<void> {
    const { queue, pending, settlement } = this.#parts;
    const state = known ?? await queue.getJobState(jobId);
    if (state !== "completed" && state !== "failed") return;
    const job = await queue.getJob(jobId);
    if (job === undefined) return;
    for (const task of pending.of(jobId)) {
      const text = state === "completed" ? job.returnvalue : job.failedReason;
      let ended: Ended;
      try {
        ended = this.#read(task, state, text);
      } catch (cause) {
        const message = `Cannot read how task '${
          task.name || job.name
        }' has ended: what the server has is not Heddle's`;
        ended = { outcome: { error: new BrokenExecutorError(message, { cause }) }, stopped: false };
      }
      settlement.settle(task, ended.outcome, ended.stopped);
    }
  }

  /** Looks for a task that was submitted elsewhere. */
  async adopt(task: ClusterTask): Promise<void> {
    const { queue, settlement } = this.#parts;
    const job = await queue.getJob(task.jobId);
    if (job === undefined) return settlement.settle(task, { error: unknownTask(task.id) });
    task.name = job.name;
    await this.look(task.jobId);
  }

  #read(task: ClusterTask, state: string, text: unknown): Ended {
    const { codec } = this.#parts;
    return state === "completed" ? readResult(codec, task, text) : readReason(codec, task, text);
  }

  #ended(task: ClusterTask, event: string, { returnvalue, failedReason }: Told): void {
    let ended: Ended;
    try {
      ended = this.#read(task, event, event === "completed" ? returnvalue : failedReason);
    } catch {
      // The job is authoritative; an event is only a hint.
      return void this.look(task.jobId).catch(() => task.seenAt = 0);
    }
    this.#parts.settlement.settle(task, ended.outcome, ended.stopped);
  }

  #removed(task: ClusterTask, prev: unknown): void {
    const { settlement } = this.#parts;
    if (task.takenBack !== undefined) return settlement.settle(task, { error: task.takenBack });
    if (UNTAKEN.includes(String(prev))) return settlement.cancelled(task);
    const error = new BrokenExecutorError(`Task '${task.name}' was removed from the server (it was ${String(prev)})`);
    settlement.settle(task, { error });
  }

  #progress(task: ClusterTask, data: unknown): void {
    const { settlement, codec } = this.#parts;
    if (typeof data === "number") return settlement.progress(task, data);
    try {
      settlement.progress(task, codec.decode((data as { heddle?: unknown } | null)?.heddle));
    } catch {
      // Progress that another program has reported in another form.
    }
  }

  #late(task: ClusterTask, text: unknown): void {
    const { codec, stopper } = this.#parts;
    try {
      const { outcome } = readReason(codec, task, text);
      if ("error" in outcome) stopper.late(task, outcome.error);
    } catch {
      // The end of the task reports it as well.
    }
  }
}
