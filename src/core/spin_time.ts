/**
 * Adapts how long a thread spins before it sleeps.
 *
 * @module
 */

/** The longest and the shortest spin, in milliseconds. */
export const MAX_SPIN = 0.1, MIN_SPIN = 0.02;
/** The number of spins in a row that must fail before the next waits sleep at once. */
const MOST_MISSES = 16;
/** The number of waits without a spin after such failures. It doubles with each further failure, up to the maximum. */
const FIRST_PAUSE = 16, LONGEST_PAUSE = 256;
/** The number of waits by which an answer that is quick even with a wake-up shortens a pause. */
const QUICK = 8;

/**
 * An adaptive spin time. Falling asleep and waking up takes a thread longer than most short tasks, so spinning pays
 * while answers arrive quickly. The spin time grows when answers are quick and shrinks when they are slow, which bounds
 * the time lost (competitive spinning; Karlin, Li, Manasse and Owicki 1991).
 *
 * On a busy machine spinning does not pay: the thread occupies the core that the answering thread needs, and the answer
 * arrives only once the spin is over. After many spins without an answer, the next waits therefore sleep at once.
 */
export class SpinTime {
  readonly #max: number;
  #time: number;
  /** The number of spins without an answer since the last one with an answer. */
  #misses = 0;
  /** The number of waits that will not spin, and the number after the next failure. */
  #pause = 0;
  #nextPause = FIRST_PAUSE;

  /** @param longest the longest spin, in milliseconds. */
  constructor(max: number = MAX_SPIN) {
    this.#max = max;
    this.#time = max;
  }

  /** The current spin time, in milliseconds; 0 if the wait must sleep at once. */
  get time(): number {
    return this.#pause > 0 ? 0 : this.#time;
  }

  /**
   * Adapts the spin time to an answer that arrived after `elapsed` milliseconds. Answers that arrived during a sleep
   * count too, including the time to wake up. Otherwise a series of short spins would miss answers that the longest
   * spin would catch.
   */
  learn(elapsed: number): void {
    const max = this.#max;
    if (this.#pause > 0) this.#pause = Math.max(0, this.#pause - (elapsed <= max ? QUICK : 1));
    else if (elapsed <= this.#time) {
      this.#misses = 0;
      this.#nextPause = FIRST_PAUSE;
      this.#time = Math.min(max, this.#time * 2);
    } else if (this.#time < max && elapsed <= 2 * max) this.#time = Math.min(max, this.#time * 2);
    else this.#miss(elapsed);
  }

  #miss(elapsed: number): void {
    if (elapsed > 2 * this.#max) this.#time = Math.max(MIN_SPIN, this.#time / 2);
    if (++this.#misses < MOST_MISSES) return;
    this.#pause = this.#nextPause;
    this.#nextPause = Math.min(LONGEST_PAUSE, this.#nextPause * 2);
  }
}
