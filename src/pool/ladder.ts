/**
 * How a task is stopped.
 *
 * @module
 */

import { markCancelled } from "../futures/future.ts";
import { startTimer } from "../time/system_clock.ts";
import type { ValueEncoder } from "../wire/encoder.ts";
import * as op from "../wire/message.ts";
import type { Endings } from "./endings.ts";
import type { Ledger } from "./ledger.ts";
import type { Slot } from "./slot.ts";
import { PAUSED, SETTLED, WAITING, Work } from "./work.ts";

/** How a task is to be stopped. */
export interface HowToAbort {
  /** Whether its time is up: then it may be tried again. */
  readonly late?: boolean;
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
  /** A task is about to leave the line. */
  leave(): void;
  /** A task that was in no worker is over. */
  left(): void;
  /** Replaces a worker, at once or when the other tasks it runs have ended. */
  kill(slot: Slot, alone: boolean): void;
}

const AS_USUAL: HowToAbort = {};

/** Drops a task that waits; fires the signal of one that runs, and replaces its worker if that does not help. */
export class Ladder {
  readonly #hooks: LadderHooks;

  constructor(hooks: LadderHooks) {
    this.#hooks = hooks;
  }

  /** Stops a task. */
  abort(work: Work, reason: unknown, { late = false, grace }: HowToAbort = AS_USUAL): void {
    const { ledger, leave, left, encoder } = this.#hooks;
    if (work.state === SETTLED) return;
    if (work.state === WAITING || work.state === PAUSED) {
      if (work.state === WAITING) leave();
      ledger.dropped(work, reason);
      return left();
    }
    if (work.aborted !== undefined) {
      // Its time was up, and now its caller has stopped it for good.
      if (work.aborted.late && !late) work.aborted = { reason, late };
      return;
    }
    const slot = work.slot!;
    slot.writer.record(op.ABORT).u32(work.id);
    slot.writer.value(encoder.encodeError(reason));
    slot.flush();
    // The worker has it and will not start it; its answer only keeps the order of answers.
    if (!slot.isRunning(work)) return ledger.dropped(work, reason);
    work.aborted = { reason, late };
    work.stopTimer?.();
    const patience = grace ?? work.options.grace ?? this.#hooks.grace;
    work.stopTimer = startTimer(patience, () => this.#replaceWorkerOf(work));
  }

  /** The grace is over and the task has not ended: its future settles, and its worker goes. */
  #replaceWorkerOf(work: Work): void {
    const slot = work.slot!;
    const { id } = work;
    const alone = slot.sent.size === 1 || slot.concurrency === 1;
    this.#hooks.endings.end(work, { error: work.aborted!.reason });
    // Tried again elsewhere, while the worker still has it.
    if (work.state !== SETTLED) slot.sent.set(id, ghostOf(work, slot));
    this.#hooks.kill(slot, alone);
  }
}

/** What a worker goes on with although nobody wants it from there any more. */
function ghostOf({ task, id }: Work, slot: Slot): Work {
  const owner = { cancel: () => false, abort: () => {}, lend: () => () => {} };
  const ghost = new Work(owner, task, {}, 0, undefined);
  markCancelled(ghost.future);
  return Object.assign(ghost, { id, slot, state: SETTLED });
}
