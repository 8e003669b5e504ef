/**
 * A rate that is kept on the average.
 *
 * @module
 */

/**
 * A bucket of tokens that fills at a steady pace; a start takes one. Kept as the one number that the generic cell rate
 * algorithm needs (ITU-T I.371, 1996): the time at which the bucket would be full again.
 */
export class TokenBucket {
  readonly #step: number;
  readonly #burst: number;
  #full = -Infinity;
  /** The same before the calls that may not have started yet, and how many these are. */
  #before = -Infinity;
  #open = 0;

  /**
   * @param step milliseconds for one token.
   * @param burst how many tokens the bucket holds; it is full at first.
   */
  constructor(step: number, burst: number) {
    this.#step = step;
    this.#burst = burst;
  }

  get free(): boolean {
    return false;
  }

  get open(): boolean {
    return false;
  }

  get end(): number {
    return this.#open === 0 ? this.#full : Infinity;
  }

  wait(now: number): number {
    return Math.max(0, this.#full - (this.#burst - 1) * this.#step - now);
  }

  start(now: number): void {
    if (this.#open++ === 0) this.#before = this.#full;
    this.#full = Math.max(this.#full, now) + this.#step;
  }

  settle(now: number): void {
    if (this.#open === 0) return;
    this.#full = Math.max(this.#full, Math.max(this.#before, now) + this.#open * this.#step);
    this.#open = 0;
  }
}
