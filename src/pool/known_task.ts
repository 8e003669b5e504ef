/**
 * What a pool knows of a task.
 *
 * @module
 */

import type { Definition } from "../task/task.ts";

/** Runs shorter than this are not told apart: clocks are no finer. */
const SHORTEST = 0.001;

/** How much of the way down the estimate goes with each shorter run. */
const FALL = 0.2;

/** A task, its number in the messages of this pool, and how long it takes. */
export class KnownTask {
  readonly reference: number;
  readonly definition: Definition;
  #estimate: number | undefined;

  constructor(reference: number, definition: Definition) {
    this.reference = reference;
    this.definition = definition;
  }

  /** How long a run is likely to take at the most, in milliseconds; Infinity until the first has ended. */
  get estimate(): number {
    return this.#estimate ?? Infinity;
  }

  /** Learns from a run. Rises at once and falls slowly, as a task that is thought short may hold up others. */
  learn(runTime: number): void {
    const time = Math.max(runTime, SHORTEST);
    const before = this.#estimate;
    this.#estimate = before === undefined || time > before ? time : before + (time - before) * FALL;
  }
}
