/**
 * The time limits of tasks.
 *
 * @module
 */

import { TimeoutError } from "../core/errors.ts";
import { withoutFrames } from "../core/frames.ts";
import { startTimer } from "../time/system_clock.ts";
import { lateMessage } from "../worker/function_loader.ts";
import type { Slot } from "./slot.ts";
import type { Work } from "./work.ts";

/** Aborts tasks that run too long, counted from their start. */
export class TimeLimits {
  readonly #startTimeout: number;
  readonly #abort: (work: Work, reason: TimeoutError) => void;

  /** @param startTimeout how long the module of a task may take to load, in milliseconds. */
  constructor(startTimeout: number, abort: (work: Work, reason: TimeoutError) => void) {
    this.#startTimeout = startTimeout;
    this.#abort = abort;
  }

  /** Work is sent. It starts when it arrives, unless its module must be loaded first: the worker then says when. */
  sent(slot: Slot, work: Work): void {
    const { timeout } = work.options;
    if (timeout === undefined) return;
    const { name, url } = work.task.definition;
    if (slot.loaded.has(work.task.reference)) {
      return this.#stopAfter(work, timeout, `Cannot go on with task '${name}': its time limit is ${timeout} ms`);
    }
    const limit = this.#startTimeout;
    this.#stopAfter(work, limit, lateMessage(name, url, limit));
  }

  /** A worker has started a task for the first time. */
  started(slot: Slot, id: number): void {
    const work = slot.sent.get(id);
    if (work === undefined) return;
    slot.loaded.add(work.task.reference);
    // One that was interrupted and may take any time to end still has its limit.
    if (work.aborted === undefined || work.aborted.unlimited === true) this.sent(slot, work);
  }

  #stopAfter(work: Work, time: number, message: string): void {
    work.stopTimer?.();
    work.stopTimer = startTimer(time, () => this.#abort(work, withoutFrames(() => new TimeoutError(message))));
  }
}
