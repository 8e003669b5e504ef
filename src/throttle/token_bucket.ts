/**
 * A rate that holds on average and allows bursts.
 *
 * @module
 */

/**
 * A bucket that gains tokens at a steady pace; each start takes one token. The state is a single number, as in the
 * generic cell rate algorithm (ITU-T I.371, 1996): the time at which the bucket will be full again.
 */
export class TokenBucket {
  readonly #step: number;
  readonly #burst: number;
  #full = -Infinity;
  /** The value of `#full` before the calls that may not have started yet, and the number of these calls. */
  #before = -Infinity;
  #open = 0;

  /**
   * @param step the time in milliseconds in which the bucket gains a token.
   * @param burst the capacity of the bucket, which starts full.
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
