/**
 * Stops jobs: cancel, abort, and the escalation to the end of their worker.
 *
 * @module
 */

import type { Outcome } from "../futures/results.ts";
import { markFinished, markUnfinished } from "../futures/unfinished.ts";
import { startTimer } from "../time/system_clock.ts";
import type { ValueEncoder } from "../wire/encoder.ts";
import * as op from "../wire/message.ts";
import type { Endings } from "./endings.ts";
import type { Ledger } from "./ledger.ts";
import { type Slot, STARTING } from "./slot.ts";
import { PAUSED, SENT, SETTLED, WAITING, type Work } from "./work.ts";

/** How a job is stopped. */
export interface HowToAbort {
  /** Whether its time limit was exceeded: then it may be retried. */
  readonly late?: boolean;
  /** Whether it may still return a value: its future is rejected only if it throws, or when its grace is over. */
  readonly gentle?: boolean;
  /** Its grace in milliseconds, instead of that of its options. */
  readonly grace?: number;
}

/** The parts and functions of the engine that stopping a job needs. */
export interface LadderHooks {
  /** Default grace of the pool, in milliseconds. */
  readonly grace: number;
  readonly encoder: ValueEncoder;
  readonly ledger: Ledger;
  readonly endings: Endings;
  /** Takes a job back from its worker, if the worker is known not to have started it. */
  takeBack(work: Work): void;
  /** Called before a job leaves the queue. */
  leave(): void;
  /** Called after the end of a job that was at no worker. */
  left(): void;
  /** Replaces a worker, at once or when its other tasks have ended. */
  kill(slot: Slot, alone: boolean): void;
}

const AS_USUAL: HowToAbort = {};

/**
 * Stops jobs. A waiting job is dropped. A running task sees its signal, and its future is rejected at once. It keeps
 * its place until it ends, and its worker is replaced if it has not ended within its grace.
 */
export class Ladder {
  readonly #hooks: LadderHooks;

  constructor(hooks: LadderHooks) {
    this.#hooks = hooks;
  }

  /**
   * Cancels a job that waits in the queue, between two attempts, or at a worker that is known not to have started it.
   */
  cancel(work: Work): boolean {
    const { ledger, leave, left } = this.#hooks;
    this.#takeBack(work, undefined);
    if (work.state === WAITING) leave();
    else if (work.state !== PAUSED) return false;
    ledger.cancelled(work);
    left();
    return true;
  }

  /** Handles a job that a worker no longer runs: its future settles, unless an abort has rejected it before. */
  ended(work: Work, outcome: Outcome): void {
    const { endings } = this.#hooks;
    if (work.aborted === undefined) return endings.end(work, outcome);
    work.stopTimer?.();
    work.stopTimer = undefined;
    endings.end(work, outcome);
    markFinished(work.future);
  }

  /** Stops a job. */
  abort(work: Work, reason: unknown, how: HowToAbort = AS_USUAL): void {
    const { ledger, leave, left } = this.#hooks;
    this.#takeBack(work, reason);
    const { state, aborted } = work;
    if (state === SETTLED) return;
    if (state === WAITING || state === PAUSED) {
      if (state === WAITING) leave();
      ledger.dropped(work, reason);
      return left();
    }
    if (aborted === undefined) {
      this.#fireSignal(work, reason);
      // The worker has the task and will not start it; its answer only keeps the order of answers.
      if (!work.slot!.isRunning(work)) return ledger.dropped(work, reason);
    } else if (how.gentle) {
      return;
    }
    if (how.gentle) this.#interrupt(work, reason, how.grace);
    else if (how.late) this.#timeOut(work, reason);
    else this.#reject(work, reason, false);
  }

  /** Lets the task return a value. Its time limit applies if its grace is infinite. */
  #interrupt(work: Work, reason: unknown, grace: number | undefined): void {
    work.aborted = { reason, late: false, gentle: true, unlimited: grace === Infinity };
    if (grace !== Infinity) this.#startGrace(work, grace);
    else work.stopTimer ??= () => {};
  }

  /**
   * Handles an attempt that has exceeded its time limit. If another attempt follows, it starts after this one has
   * ended.
   */
  #timeOut(work: Work, reason: unknown): void {
    if (!this.#hooks.endings.willRepeat(work, reason)) return this.#reject(work, reason, true);
    work.aborted = { reason, late: true };
    this.#startGrace(work);
  }

  #reject(work: Work, reason: unknown, late: boolean): void {
    // A worker whose grace has started does not get more time because its caller aborts as well.
    const waits = work.aborted?.late === true;
    const { stopTimer } = work;
    if (waits) work.stopTimer = undefined;
    work.aborted = { reason, late: false };
    markUnfinished(work.future);
    if (late) this.#hooks.ledger.settle(work, { error: reason });
    else this.#hooks.ledger.aborted(work, reason);
    if (waits) work.stopTimer = stopTimer;
    else this.#startGrace(work);
  }

  #startGrace(work: Work, grace: number = work.options.grace ?? this.#hooks.grace): void {
    work.stopTimer?.();
    work.stopTimer = startTimer(grace, () => this.#replaceWorkerOf(work));
  }

  /** Returns a job to the queue if its worker is known not to have started it. */
  #takeBack(work: Work, reason: unknown): void {
    if (work.state !== SENT || work.slot!.isRunning(work)) return;
    const { state, handle } = work.slot!;
    if (handle.recall === undefined) {
      if (state !== STARTING) return;
      this.#fireSignal(work, reason);
    }
    this.#hooks.takeBack(work);
  }

  #fireSignal(work: Work, reason: unknown): void {
    const slot = work.slot!;
    // First, as a getter of the reason may submit a task, which would then be written into the record.
    const packet = this.#hooks.encoder.encodeError(reason);
    slot.writer.record(op.ABORT).u32(work.id);
    slot.writer.value(packet);
    // If the task blocks its worker, another task sent there before the end of the grace would be lost with it.
    slot.ping();
  }

  /** The grace is over and the task has not ended. */
  #replaceWorkerOf(work: Work): void {
    const slot = work.slot!;
    const alone = slot.sent.size === 1 || slot.concurrency === 1;
    work.stopTimer = undefined;
    const { gentle, reason } = work.aborted!;
    if (gentle) {
      markUnfinished(work.future);
      this.#hooks.ledger.aborted(work, reason);
    }
    this.#hooks.kill(slot, alone);
  }
}
