/**
 * An entry of the task registry.
 *
 * @module
 */

import type { Definition } from "../../task/task.ts";

/** Minimum run time, in milliseconds: clocks are not finer. */
const SHORTEST = 0.001;

/** The weight of a shorter run in the estimate. */
const FALL = 0.2;

/** A task, its number in the messages of this pool, and an estimate of its run time. */
export class TaskEntry {
  readonly reference: number;
  readonly definition: Definition;
  #estimate: number | undefined;

  constructor(reference: number, definition: Definition) {
    this.reference = reference;
    this.definition = definition;
  }

  /** An upper estimate of the run time, in milliseconds; Infinity until the first run has ended. */
  get estimate(): number {
    return this.#estimate ?? Infinity;
  }

  /**
   * Updates the estimate with a run. It rises at once and falls slowly, as an underestimated task may hold up others.
   */
  learn(runTime: number): void {
    const time = Math.max(runTime, SHORTEST);
    const before = this.#estimate;
    this.#estimate = before === undefined || time > before ? time : before + (time - before) * FALL;
  }
}
