/**
 * Stops jobs: cancel, abort, and the escalation to the end of their worker.
 *
 * @module
 */

import type { Outcome } from "../../futures/source.ts";
import { markFinished, markUnfinished } from "../../futures/unfinished.ts";
import { startTimer } from "../../time/system_clock.ts";
import type { ValueEncoder } from "../../wire/encoder.ts";
import * as op from "../../wire/message.ts";
import type { Retries } from "./retries.ts";
import type { Settlement } from "./settlement.ts";
import { type PoolWorker, STARTING } from "../workers/pool_worker.ts";
import { type Job, PAUSED, SENT, SETTLED, WAITING } from "./job.ts";

/** How a job is stopped. */
export interface HowToAbort {
  /** Whether its time limit was exceeded: then it may be retried. */
  readonly late?: boolean;
  /** Whether it may still return a value: its future is rejected only if it throws, or when its grace is over. */
  readonly gentle?: boolean;
  /** Its grace in milliseconds, instead of that of its options. */
  readonly grace?: number;
  /** Whether the consumer of a stream has left: an error that it still throws counts. */
  readonly leaves?: boolean;
}

/** The parts and functions of the engine that stopping a job needs. */
export interface AbortHooks {
  /** Default grace of the pool, in milliseconds. */
  readonly grace: number;
  readonly encoder: ValueEncoder;
  readonly settlement: Settlement;
  readonly retries: Retries;
  /** Takes a job back from its worker, if the worker is known not to have started it. */
  takeBack(job: Job): void;
  /** Called before a job leaves the queue. */
  leave(job: Job): void;
  /** Called after the end of a job that was at no worker. */
  left(): void;
  /** Replaces a worker, at once or when its other tasks have ended. */
  kill(worker: PoolWorker, alone: boolean): void;
}

const AS_USUAL: HowToAbort = {};

/**
 * Stops jobs. A waiting job is dropped. A running task sees its signal, and its future is rejected at once. It keeps
 * its place until it ends, and its worker is replaced if it has not ended within its grace.
 */
export class AbortEscalation {
  readonly #hooks: AbortHooks;

  constructor(hooks: AbortHooks) {
    this.#hooks = hooks;
  }

  /**
   * Cancels a job that waits in the queue, between two attempts, or at a worker that is known not to have started it.
   */
  cancel(job: Job): boolean {
    const { settlement, leave, left } = this.#hooks;
    this.#takeBack(job, undefined);
    if (job.state === WAITING) leave(job);
    else if (job.state !== PAUSED) return false;
    settlement.cancelled(job);
    left();
    return true;
  }

  /** Handles a job that a worker no longer runs: its future settles, unless an abort has rejected it before. */
  ended(job: Job, outcome: Outcome): void {
    const { retries } = this.#hooks;
    if (job.aborted === undefined) return retries.end(job, outcome);
    job.stopTimer?.();
    job.stopTimer = undefined;
    retries.end(job, outcome);
    markFinished(job.future);
  }

  /** Stops a job. */
  abort(job: Job, reason: unknown, how: HowToAbort = AS_USUAL): void {
    const { settlement, leave, left } = this.#hooks;
    this.#takeBack(job, reason);
    const { state, aborted } = job;
    if (state === SETTLED) return;
    if (state === WAITING || state === PAUSED) {
      if (state === WAITING) leave(job);
      settlement.dropped(job, reason);
      return left();
    }
    if (aborted === undefined) {
      this.#fireSignal(job, reason, how);
      // The worker has the task and will not start it; its answer only keeps the order of answers.
      if (!job.worker!.isRunning(job)) return settlement.dropped(job, reason);
    } else if (how.gentle) {
      if (how.leaves) this.#closeStream(job);
      return;
    }
    if (how.gentle) this.#interrupt(job, reason, how);
    else if (how.late) this.#timeOut(job, reason);
    else this.#reject(job, reason, false);
  }

  /** Lets the task return a value. Its time limit applies if its grace is infinite. */
  #interrupt(job: Job, reason: unknown, { grace, leaves }: HowToAbort): void {
    job.aborted = { reason, late: false, gentle: true, unlimited: grace === Infinity, left: leaves === true };
    if (grace !== Infinity) this.#startGrace(job, grace);
    else job.stopTimer ??= () => {};
  }

  /**
   * Handles an attempt that has exceeded its time limit. If another attempt follows, it starts after this one has
   * ended.
   */
  #timeOut(job: Job, reason: unknown): void {
    if (!this.#hooks.retries.willRepeat(job, reason)) return this.#reject(job, reason, true);
    job.aborted = { reason, late: true };
    this.#startGrace(job);
  }

  #reject(job: Job, reason: unknown, late: boolean): void {
    // A worker whose grace has started does not get more time because its caller aborts as well.
    const waits = job.aborted?.late === true;
    const { stopTimer } = job;
    if (waits) job.stopTimer = undefined;
    job.aborted = { reason, late: false };
    markUnfinished(job.future);
    if (late) this.#hooks.settlement.settle(job, { error: reason });
    else this.#hooks.settlement.aborted(job, reason);
    if (waits) job.stopTimer = stopTimer;
    else this.#startGrace(job);
  }

  #startGrace(job: Job, grace: number = job.options.grace ?? this.#hooks.grace): void {
    job.stopTimer?.();
    job.stopTimer = startTimer(grace, () => this.#replaceWorkerOf(job));
  }

  /** Returns a job to the queue if its worker is known not to have started it. */
  #takeBack(job: Job, reason: unknown): void {
    if (job.state !== SENT || job.worker!.isRunning(job)) return;
    const { state, handle } = job.worker!;
    if (handle.recall === undefined) {
      if (state !== STARTING) return;
      this.#fireSignal(job, reason, AS_USUAL);
    }
    this.#hooks.takeBack(job);
  }

  #fireSignal(job: Job, reason: unknown, { gentle, leaves }: HowToAbort): void {
    const worker = job.worker!;
    // First, as a getter of the reason may submit a task, which would then be written into the record.
    const packet = this.#hooks.encoder.encodeError(reason);
    worker.writer.record(op.ABORT).u32(job.id);
    worker.writer.value(packet);
    if (gentle !== true || leaves === true) this.#closeStream(job);
    // If the task blocks its worker, another task sent there before the end of the grace would be lost with it.
    worker.ping();
  }

  /** Tells the generator of a stream to return, with the next message. */
  #closeStream({ worker, id, window }: Job): void {
    if (window === 0) return;
    const record = worker!.writer.record(op.CREDIT);
    record.u32(id), record.u32(0);
  }

  /** The grace is over and the task has not ended. */
  #replaceWorkerOf(job: Job): void {
    const worker = job.worker!;
    const alone = worker.sent.size === 1 || worker.concurrency === 1;
    job.stopTimer = undefined;
    const { gentle, reason } = job.aborted!;
    if (gentle) {
      markUnfinished(job.future);
      this.#hooks.settlement.aborted(job, reason);
    }
    this.#hooks.kill(worker, alone);
  }
}
