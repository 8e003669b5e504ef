/**
 * Ends all work of a pool.
 *
 * @module
 */

import { markUnfinished } from "../futures/unfinished.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Endings } from "./endings.ts";
import type { Ladder } from "./ladder.ts";
import type { Ledger } from "./ledger.ts";
import type { Slot } from "./slot.ts";
import { SENT, type Work } from "./work.ts";

/** The parts of a pool that hold work. */
export interface Parts {
  readonly dispatcher: Dispatcher;
  readonly endings: Endings;
  readonly slots: readonly Slot[];
  readonly ladder: Ladder;
  readonly ledger: Ledger;
}

/** Cancels all waiting jobs. */
export function cancelAll({ dispatcher, slots, ladder }: Parts): void {
  dispatcher.recallAll();
  for (const work of dispatcher.line()) ladder.cancel(work);
  for (const slot of slots) {
    if (slot.ready) continue;
    for (const work of [...slot.sent.values()]) ladder.cancel(work);
  }
}

/** Drops waiting jobs, and fires the signals of running ones, which may still return values. */
export function interruptAll({ dispatcher, endings, slots, ladder }: Parts, reason: unknown): void {
  dispatcher.recallAll();
  for (const work of endings.paused) ladder.abort(work, reason);
  for (const work of dispatcher.line()) ladder.abort(work, reason);
  for (const slot of slots) {
    for (const work of [...slot.sent.values()]) ladder.abort(work, reason, { gentle: true, grace: Infinity });
  }
}

/** Rejects the futures of all jobs, as failed or as aborted, before the workers are ended. */
export function rejectAll({ dispatcher, endings, slots, ledger }: Parts, error: () => unknown, aborted = false): void {
  const settle = (work: Work) => {
    if (aborted && !work.future.done) ledger.aborted(work, error());
    else ledger.settle(work, { error: error() });
  };
  for (const work of dispatcher.line()) {
    dispatcher.leave();
    settle(work);
  }
  for (const work of endings.paused) settle(work);
  for (const slot of [...slots]) {
    for (const work of [...slot.sent.values()]) {
      if (work.state !== SENT) continue;
      if (slot.isRunning(work)) markUnfinished(work.future);
      work.aborted ??= { reason: undefined, late: false };
      settle(work);
    }
  }
}
