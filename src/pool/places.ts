/**
 * Nested waits: tasks that wait for other tasks of their pool.
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

/** For each task in this loop that waits, the work it waits for, in any pool. */
const waits = new Map<FutureSource, (FutureSource | undefined)[]>();

/**
 * The number of tasks that workers may have in progress. While a task waits for another one, its worker may run one
 * more task. Otherwise a pool would stall if all its tasks wait for tasks in its own queue, and so would two pools
 * whose tasks wait for each other. ForkJoinPool calls this compensation.
 */
export class Places {
  readonly #lent = new Map<Slot, Set<Work>>();
  readonly #settings: Settings;
  readonly #learner: Learner | undefined;
  readonly #dispatch: () => void;

  /** @param dispatch called when the number of tasks that a worker may have in progress has changed. */
  constructor(settings: Settings, dispatch: () => void) {
    this.#settings = settings;
    if (settings.concurrency === "auto") this.#learner = new Learner();
    this.#dispatch = dispatch;
  }

  /** Number of tasks in progress per worker, without compensation for nested waits. */
  get own(): number {
    return this.#learner?.concurrency ?? this.#settings.concurrency as number;
  }

  /** Updates the estimate with the times of a task. Returns true if workers must be told another number. */
  learn(runTime: number, syncTime: number): boolean {
    return this.#learner?.learn(runTime, syncTime) ?? false;
  }

  /** Tells a worker how many tasks it may have in progress. */
  tell(slot: Slot): void {
    slot.concurrency = this.own + (this.#lent.get(slot)?.size ?? 0);
    slot.writer.record(op.CONCURRENCY).u32(slot.concurrency);
  }

  /** Called before a job is sent to a worker. */
  enter(work: Work): void {
    this.#settings.works?.set(work.id, work);
  }

  /** Handles a job that has left its worker; `id` is the number under which it was sent. */
  leave(id: number, work: Work): void {
    if (this.#settings.works?.delete(id)) this.#takeBack(work);
  }

  /**
   * Starts a nested wait of a job.
   *
   * @param on the work it waits for, if it waits for a single future.
   * @returns a function that ends the wait.
   * @throws {DeadlockError} if that work waits for this task.
   */
  lend(work: Work, on: FutureSource | undefined): () => void {
    // An aborted task may still have to wait before it can end.
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

  /** Ends the nested wait of a job. */
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
      ? `Cannot wait in task '${mine}' for the task itself: the wait would never end`
      : `Cannot wait in task '${mine}' for task '${other}', which waits for this one: neither would ever end`,
  );
}
