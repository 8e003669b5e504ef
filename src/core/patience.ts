/**
 * How long to look for something before sleeping.
 *
 * @module
 */

/** The longest and the shortest look, in milliseconds. */
export const LONGEST_LOOK = 0.1, SHORTEST_LOOK = 0.02;

/**
 * A time to look for something that is about to come. Falling asleep and being woken takes a thread longer than most
 * short tasks, so that looking on pays while answers come at once. It grows when they do and shrinks when they do not,
 * which bounds what is lost (competitive spinning; Karlin, Li, Manasse and Owicki 1991).
 */
export class Patience {
  readonly #longest: number;
  #time: number;

  /** @param longest the longest look, in milliseconds. */
  constructor(longest: number = LONGEST_LOOK) {
    this.#longest = longest;
    this.#time = longest;
  }

  /** How long to look, in milliseconds. */
  get time(): number {
    return this.#time;
  }

  /**
   * It came after so many milliseconds. What came to a sleeper is counted too, with the time that waking took: else one
   * short look after another would miss what the longest would have met.
   */
  learn(elapsed: number): void {
    const longest = this.#longest;
    this.#time = elapsed <= 2 * longest ? Math.min(longest, this.#time * 2) : Math.max(SHORTEST_LOOK, this.#time / 2);
  }
}
