/**
 * How long to look for something before sleeping.
 *
 * @module
 */

/** The longest and the shortest look, in milliseconds. */
const LONGEST = 0.1, SHORTEST = 0.02;

/**
 * A time to look for something that is about to come. Falling asleep and being woken takes a thread longer than most
 * short tasks, so that looking on pays while answers come at once. It grows when they do and shrinks when they do not,
 * which bounds what is lost (competitive spinning; Karlin, Li, Manasse and Owicki 1991).
 */
export class Patience {
  #time = LONGEST;

  /** How long to look, in milliseconds. */
  get time(): number {
    return this.#time;
  }

  /** It came in time, or it did not. */
  learn(came: boolean): void {
    this.#time = came ? Math.min(LONGEST, this.#time * 2) : Math.max(SHORTEST, this.#time / 2);
  }
}
