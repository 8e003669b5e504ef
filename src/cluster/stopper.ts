/**
 * Cancels and aborts tasks. Where a cancel races the start or the end of a task, the server decides.
 *
 * @module
 */

import { type ClusterTask, HELD, OVER, RUNNING, SENT, type TaskOwner } from "./cluster_task.ts";
import type { Codec } from "./codec.ts";
import type { EngineQueue } from "./engine.ts";
import type { Fields } from "./event_stream.ts";
import { Pending } from "./pending.ts";
import type { Settlement } from "./settlement.ts";

/** Message to the hosts: stop a task. */
export const ABORT = "heddle:abort";
/** Repeat interval of a stop request, in milliseconds: the first may reach a host before the task does. */
const REPEAT = 250;
/** States of a job that has ended. */
const ENDED = ["completed", "failed"];

/** The parts a stopper works with. */
export interface StopperParts {
  readonly queue: EngineQueue;
  readonly codec: Codec;
  readonly pending: Pending;
  readonly settlement: Settlement;
  readonly now: () => number;
  publish(event: string, fields: Fields): Promise<void>;
  /** The number of tasks that are being stopped has changed. */
  changed(): void;
}

/** Stops tasks. */
export class Stopper implements TaskOwner {
  readonly #parts: StopperParts;
  /** Tasks whose futures are done and that may still run. */
  readonly #stopping: Pending;

  constructor(parts: StopperParts) {
    this.#parts = parts;
    this.#stopping = new Pending(() => parts.changed());
  }

  /** The number of tasks that may still run although their futures are done. */
  get size(): number {
    return this.#stopping.size;
  }

  /** Drops a task if it waits. Returns whether it was last known to wait. */
  cancel(task: ClusterTask): boolean {
    const { settlement, pending } = this.#parts;
    if (task.state === OVER || task.state === RUNNING) return false;
    // Other futures still wait for the same task.
    if (task.state === HELD || pending.of(task.jobId).length > 1) {
      settlement.cancelled(task);
      return true;
    }
    task.cancelling = true;
    if (task.state !== SENT) this.#remove(task);
    return true;
  }

  /** Rejects the future of a task, and stops the task wherever it is. */
  abort(task: ClusterTask, reason: unknown): void {
    const { settlement, pending } = this.#parts;
    if (task.state === OVER) return;
    if (task.state === HELD) return settlement.dropped(task, reason);
    if (pending.of(task.jobId).length > 1) return settlement.abandoned(task, reason);
    const sent = task.state !== SENT;
    settlement.stopping(task, reason, false);
    this.#stopping.add(task);
    if (sent) this.#push(task);
  }

  /** The server has stored a task that may have been stopped in the meantime. */
  accepted(task: ClusterTask): void {
    if (task.cancelling) this.#remove(task);
    if (this.#stopping.has(task)) this.#push(task);
  }

  /** The last attempt of a task has timed out: its future settles before the task ends. */
  late(task: ClusterTask, error: unknown): void {
    if (task.state === OVER) return;
    this.#parts.settlement.stopping(task, error, true);
    task.seenAt = this.#parts.now();
    this.#stopping.add(task);
  }

  /** A job has ended, and with it the tasks that were being stopped. */
  ended(jobId: string, gone = false): void {
    for (const task of this.#stopping.of(jobId)) {
      // No caller will read the result of an aborted task.
      if (!task.late && !gone) this.#parts.queue.remove(jobId).catch(() => {});
      this.#finish(task);
    }
  }

  /** Repeats requests without an answer. */
  repeat(): void {
    const before = this.#parts.now() - REPEAT;
    for (const task of this.#stopping.all()) if (task.acceptedAt >= 0 && task.seenAt <= before) this.#push(task);
  }

  /** The server is gone for good. */
  giveUp(): void {
    for (const task of this.#stopping.all()) this.#finish(task);
  }

  #finish(task: ClusterTask): void {
    this.#stopping.delete(task);
    this.#parts.settlement.finished(task);
  }

  /**
   * Drops a task that waits. Removing it at once is tempting, but would also remove the result of a task that has
   * ended, so the state is read first. The event of the removal settles the task.
   */
  #remove(task: ClusterTask): void {
    const { queue } = this.#parts;
    const ask = async () => {
      const state = await queue.getJobState(task.jobId);
      const removed = ENDED.includes(state) ? 0 : await queue.remove(task.jobId);
      if (removed !== 1) task.cancelling = false;
      // If the event is lost, the next poll settles the task.
      if (removed === 1 || ENDED.includes(state)) task.seenAt = 0;
    };
    ask().catch(() => {});
  }

  #push(task: ClusterTask): void {
    const { queue, codec, publish, now } = this.#parts;
    task.seenAt = now();
    if (task.late) {
      queue.getJobState(task.jobId).then((state) => state !== "active" && this.#finish(task), () => {});
      return;
    }
    queue.remove(task.jobId).then((removed) => {
      if (removed === 1) return this.#finish(task);
      return publish(ABORT, { jobId: task.jobId, reason: codec.error(task.aborted!.reason) });
    }).catch(() => {});
  }
}
