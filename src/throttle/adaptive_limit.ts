/**
 * A limit that adjusts itself.
 *
 * @module
 */

/** The minimum number of samples in a round. */
const ROUND = 10;
/** A round with a larger share of failures is a sign of overload. */
const FAILURES = 0.05;
/** A round whose mean duration exceeds the best one by this factor is a sign of overload. */
const TOLERANCE = 2;
/** The factor by which overload reduces the limit. */
const DECREASE = 0.8;
/** The weight of a round's mean in the best duration: the service may have become slower for good. */
const FORGET = 0.002;

/** The bounds of an automatic limit. */
export interface AdaptiveBounds {
  /** The smallest limit; 1 by default. */
  min?: number | undefined;
  /** The largest limit; 1,000 by default. */
  max?: number | undefined;
  /**
   * The initial limit; 10 by default, within the bounds. Start with a low limit: a service that is already overloaded
   * is mistaken for a slow one.
   */
  start?: number | undefined;
}

/** The outcome of one call. */
export interface Sample {
  /** The duration of the call in milliseconds. */
  readonly duration: number;
  readonly failed: boolean;
  /** Whether the whole limit was in use. */
  readonly full: boolean;
}

/**
 * Additive increase, multiplicative decrease (Chiu and Jain 1989: Analysis of the Increase and Decrease Algorithms for
 * Congestion Avoidance in Computer Networks), with delay as the sign of congestion as in TCP Vegas (Brakmo, O'Malley
 * and Peterson 1994: TCP Vegas: New Techniques for Congestion Detection and Avoidance), applied to calls as in
 * Netflix's concurrency-limits (2018). A round has as many calls as the limit. After each round the limit grows by one
 * if it was reached, and shrinks by a fifth if calls failed or took twice as long on average as in the best round.
 */
export class AdaptiveLimit {
  readonly #min: number;
  readonly #max: number;
  #limit: number;
  #best = Infinity;
  #count = 0;
  #sum = 0;
  #failed = 0;
  #full = false;

  constructor(min: number, max: number, start: number) {
    this.#min = min;
    this.#max = max;
    this.#limit = start;
  }

  /** The current limit. */
  get limit(): number {
    return this.#limit;
  }

  /** Adds the outcome of one call and returns the limit. */
  learn({ duration, failed, full }: Sample): number {
    this.#count++;
    if (failed) this.#failed++;
    else this.#sum += duration;
    if (full) this.#full = true;
    if (this.#count >= Math.max(ROUND, this.#limit)) this.#endRound();
    return this.#limit;
  }

  #endRound(): void {
    const good = this.#count - this.#failed;
    const mean = good === 0 ? undefined : this.#sum / good;
    const slow = mean !== undefined && mean > this.#best * TOLERANCE;
    // At the smallest limit the calls do not slow each other down, so this is the true duration of a call.
    if (mean !== undefined && (mean < this.#best || this.#limit === this.#min)) this.#best = mean;
    else if (mean !== undefined) this.#best += (mean - this.#best) * FORGET;
    if (slow || this.#failed > this.#count * FAILURES) {
      this.#limit = Math.max(this.#min, Math.floor(this.#limit * DECREASE));
    } else if (this.#full) this.#limit = Math.min(this.#max, this.#limit + 1);
    this.#count = this.#sum = this.#failed = 0;
    this.#full = false;
  }
}
