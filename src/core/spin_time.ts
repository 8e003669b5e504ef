/**
 * Adapts how long a thread spins before it sleeps.
 *
 * @module
 */

/** The longest and the shortest spin, in milliseconds. */
export const MAX_SPIN = 0.1, MIN_SPIN = 0.02;

/**
 * An adaptive spin time. Falling asleep and waking up takes a thread longer than most short tasks, so spinning pays
 * while answers arrive quickly. The spin time grows when answers are quick and shrinks when they are slow, which bounds
 * the time lost (competitive spinning; Karlin, Li, Manasse and Owicki 1991).
 */
export class SpinTime {
  readonly #max: number;
  #time: number;

  /** @param longest the longest spin, in milliseconds. */
  constructor(max: number = MAX_SPIN) {
    this.#max = max;
    this.#time = max;
  }

  /** The current spin time, in milliseconds. */
  get time(): number {
    return this.#time;
  }

  /**
   * Adapts the spin time to an answer that arrived after `elapsed` milliseconds. Answers that arrived during a sleep
   * count too, including the time to wake up. Otherwise a series of short spins would miss answers that the longest
   * spin would catch.
   */
  learn(elapsed: number): void {
    const max = this.#max;
    this.#time = elapsed <= 2 * max ? Math.min(max, this.#time * 2) : Math.max(MIN_SPIN, this.#time / 2);
  }
}
