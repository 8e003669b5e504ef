/**
 * Tasks that wait for other tasks of the pool they are in.
 *
 * @module
 */

import { DeadlockError } from "../core/errors.ts";
import type { FutureSource } from "../futures/future.ts";
import * as op from "../wire/message.ts";
import { Learner } from "./learner.ts";
import type { Settings } from "./options.ts";
import type { Slot } from "./slot.ts";
import { Work } from "./work.ts";

/** What every task in this loop that waits is waiting for, whichever pool it is in. */
const waits = new Map<FutureSource, (FutureSource | undefined)[]>();

/**
 * How many tasks workers may have in progress: their own places, and those that tasks lend while they wait. A pool whose tasks all wait for tasks behind them in its own line would
 * stand still for ever, and so would two pools whose tasks wait for each other's.
 */
export class Places {
  readonly #lent = new Map<Slot, Set<Work>>();
  readonly #settings: Settings;
  readonly #learner: Learner | undefined;
  readonly #dispatch: () => void;

  /** @param dispatch is called when a worker may have another number of tasks in progress. */
  constructor(settings: Settings, dispatch: () => void) {
    this.#settings = settings;
    if (settings.concurrency === "auto") this.#learner = new Learner();
    this.#dispatch = dispatch;
  }

  /** How many tasks a worker may have in progress of which none waits. */
  get own(): number {
    return this.#learner?.concurrency ?? this.#settings.concurrency as number;
  }

  /** A task has ended; true if workers may have another number of tasks from now on, and are to be told. */
  learn(runTime: number, syncTime: number): boolean {
    return this.#learner?.learn(runTime, syncTime) ?? false;
  }

  /** Tells a worker how many tasks it may have in progress. */
  tell(slot: Slot): void {
    slot.concurrency = this.own + (this.#lent.get(slot)?.size ?? 0);
    slot.writer.record(op.CONCURRENCY).u32(slot.concurrency);
  }

  /** A task is about to be sent to a worker. */
  enter(work: Work): void {
    this.#settings.works?.set(work.id, work);
  }

  /** A task that was sent under a number has left its worker. */
  leave(id: number, work: Work): void {
    if (this.#settings.works?.delete(id)) this.#takeBack(work);
  }

  /**
   * A task waits.
   *
   * @param on the work it waits for, if it waits for one alone.
   * @returns what takes the place back.
   * @throws {DeadlockError} if that work waits for this task.
   */
  lend(work: Work, on: FutureSource | undefined): () => void {
    // One that was aborted may still have to wait before it can end.
    if (work.slot?.sent.get(work.id) !== work) return () => {};
    if (on !== undefined && leadsTo(on, work, new Set())) throw deadlock(work, on);
    const now = waits.get(work) ?? [];
    now.push(on);
    if (now.length === 1) {
      waits.set(work, now);
      const slot = work.slot!;
      const lenders = this.#lent.get(slot) ?? new Set();
      this.#lent.set(slot, lenders.add(work));
      this.#changed(slot);
    }
    let over = false;
    return () => {
      if (over) return;
      over = true;
      now.splice(now.indexOf(on), 1);
      if (now.length === 0 && waits.get(work) === now) this.#takeBack(work);
    };
  }

  /** A task no longer waits. */
  #takeBack(work: Work): void {
    if (!waits.delete(work)) return;
    for (const [slot, lenders] of this.#lent) {
      if (!lenders.delete(work)) continue;
      if (lenders.size === 0) this.#lent.delete(slot);
      return this.#changed(slot);
    }
  }

  #changed(slot: Slot): void {
    this.tell(slot);
    slot.flush();
    this.#dispatch();
  }
}

function leadsTo(from: FutureSource, to: FutureSource, seen: Set<FutureSource>): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return (waits.get(from) ?? []).some((next) => next !== undefined && leadsTo(next, to, seen));
}

function deadlock(work: Work, on: FutureSource): DeadlockError {
  const [mine, other] = [work, on].map((each) => each instanceof Work ? each.task.definition.name : "unknown");
  return new DeadlockError(
    work === on
      ? `Cannot wait in task '${mine}' for that very task: it would never end`
      : `Cannot wait in task '${mine}' for task '${other}', as that waits for this one: neither would ever end`,
  );
}
