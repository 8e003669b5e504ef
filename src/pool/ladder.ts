/**
 * How a task is stopped.
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

/** How a task is to be stopped. */
export interface HowToAbort {
  /** Whether its time is up: then it may be tried again. */
  readonly late?: boolean;
  /** Whether it may still return a value: its future is rejected only if it throws, or when its grace is over. */
  readonly gentle?: boolean;
  /** How long it may take after its signal, instead of what its options say, in milliseconds. */
  readonly grace?: number;
}

/** What the ladder asks of the engine. */
export interface LadderHooks {
  /** How long tasks may take after their signal if their options do not say, in milliseconds. */
  readonly grace: number;
  readonly encoder: ValueEncoder;
  readonly ledger: Ledger;
  readonly endings: Endings;
  /** Takes a task back from its worker if that has not begun it, and it can be known. */
  takeBack(work: Work): void;
  /** A task is about to leave the line. */
  leave(): void;
  /** A task that was in no worker is over. */
  left(): void;
  /** Replaces a worker, at once or when the other tasks it runs have ended. */
  kill(slot: Slot, alone: boolean): void;
}

const AS_USUAL: HowToAbort = {};

/**
 * Stops tasks. One that waits is dropped. One that runs sees its signal, and its future is rejected at once; it keeps its
 * place until it ends, and its worker is replaced if it has not ended within its grace.
 */
export class Ladder {
  readonly #hooks: LadderHooks;

  constructor(hooks: LadderHooks) {
    this.#hooks = hooks;
  }

  /** Drops a task that no worker has begun and that is not behind those in progress at one. */
  cancel(work: Work): boolean {
    const { ledger, leave, left } = this.#hooks;
    this.#takeBack(work, undefined);
    if (work.state === WAITING) leave();
    else if (work.state !== PAUSED) return false;
    ledger.cancelled(work);
    left();
    return true;
  }

  /** A worker no longer runs a task: its future settles, if an abort has not rejected it before. */
  ended(work: Work, outcome: Outcome): void {
    const { endings } = this.#hooks;
    if (work.aborted === undefined) return endings.end(work, outcome);
    work.stopTimer?.();
    work.stopTimer = undefined;
    endings.end(work, outcome);
    markFinished(work.future);
  }

  /** Stops a task. */
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
      // The worker has it and will not start it; its answer only keeps the order of answers.
      if (!work.slot!.isRunning(work)) return ledger.dropped(work, reason);
    } else if (how.gentle) {
      return;
    }
    if (how.gentle) this.#interrupt(work, reason, how.grace);
    else if (how.late) this.#timeOut(work, reason);
    else this.#reject(work, reason, false);
  }

  /** Lets the task end as it likes. Its time limit holds for as long as its grace does not. */
  #interrupt(work: Work, reason: unknown, grace: number | undefined): void {
    work.aborted = { reason, late: false, gentle: true, unlimited: grace === Infinity };
    if (grace !== Infinity) this.#startGrace(work, grace);
    else work.stopTimer ??= () => {};
  }

  /** The time of an attempt is up. If another attempt is to follow, it waits until this one has ended. */
  #timeOut(work: Work, reason: unknown): void {
    if (!this.#hooks.endings.willRepeat(work, reason)) return this.#reject(work, reason, true);
    work.aborted = { reason, late: true };
    this.#startGrace(work);
  }

  #reject(work: Work, reason: unknown, late: boolean): void {
    // A worker that is being waited for does not get more time because its caller gives up as well.
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

  /** Has a task that was sent to a worker, and that is sure not to have begun, wait in the line again. */
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
    // First, as a getter of the reason may submit something, which then would be written into the record.
    const packet = this.#hooks.encoder.encodeError(reason);
    slot.writer.record(op.ABORT).u32(work.id);
    slot.writer.value(packet);
    // If the task blocks its worker, another task sent there before the grace is over would be lost with it.
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
