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

/** Aborts tasks that exceed their time limit, counted from their start. */
export class TimeLimits {
  readonly #startTimeout: number;
  readonly #abort: (work: Work, reason: TimeoutError) => void;

  /** @param startTimeout time limit for loading the module of a task, in milliseconds. */
  constructor(startTimeout: number, abort: (work: Work, reason: TimeoutError) => void) {
    this.#startTimeout = startTimeout;
    this.#abort = abort;
  }

  /**
   * Starts the limit of a job that is sent. The job starts on arrival, unless its module must be loaded first: the
   * worker then reports the start.
   */
  sent(slot: Slot, work: Work): void {
    const { timeout } = work.options;
    if (timeout === undefined) return;
    const { name, url } = work.task.definition;
    if (slot.loaded.has(work.task.reference)) {
      return this.#stopAfter(work, timeout, `Cannot continue task '${name}': its time limit is ${timeout} ms`);
    }
    const limit = this.#startTimeout;
    this.#stopAfter(work, limit, lateMessage(name, url, limit));
  }

  /** A worker has started a task for the first time. */
  started(slot: Slot, id: number): void {
    const work = slot.sent.get(id);
    if (work === undefined) return;
    slot.loaded.add(work.task.reference);
    // An interrupted task that may take any time to end still has its time limit.
    if (work.aborted === undefined || work.aborted.unlimited === true) this.sent(slot, work);
  }

  #stopAfter(work: Work, time: number, message: string): void {
    work.stopTimer?.();
    work.stopTimer = startTimer(time, () => this.#abort(work, withoutFrames(() => new TimeoutError(message))));
  }
}
