/**
 * A limit that adjusts itself.
 *
 * @module
 */

/** The fewest samples of a round. */
const ROUND = 10;
/** A round in which a larger share failed is a sign of overload. */
const FAILURES = 0.05;
/** So is a round that took this many times as long as the best one. */
const TOLERANCE = 2;
/** The share of the limit that is left then. */
const DECREASE = 0.8;
/** How fast the best time is forgotten, per round: the service behind the throttle may have become slower for good. */
const FORGET = 0.002;

/** The bounds of a limit that adjusts itself. */
export interface AdaptiveBounds {
  /** The least; 1 if left out. */
  min?: number | undefined;
  /** The most; 1,000 if left out. */
  max?: number | undefined;
  /**
   * Where it starts; 10 if left out, within the bounds. Start with a low limit: a service that is already overloaded is mistaken for a
   * slow one.
   */
  start?: number | undefined;
}

/** How one call has ended. */
export interface Sample {
  /** Milliseconds. */
  readonly duration: number;
  readonly failed: boolean;
  /** Whether all of the limit was in use. */
  readonly full: boolean;
}

/**
 * Additive increase, multiplicative decrease (Chiu and Jain 1989: Analysis of the Increase and Decrease Algorithms for
 * Congestion Avoidance in Computer Networks), with delay as the sign of congestion as in TCP Vegas (Brakmo, O'Malley and
 * Peterson 1994: TCP Vegas: New Techniques for Congestion Detection and Avoidance), applied to calls as in Netflix's
 * concurrency-limits (2018). After every round of as many calls as the limit is: one more if the limit was reached; a fifth less
 * if calls failed, or took twice as long on average as in the best round.
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

  /** The present limit. */
  get limit(): number {
    return this.#limit;
  }

  /** Learns from one call; returns the limit. */
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
    // With the least limit the callers do not wait for each other: this is how long calls take now.
    if (mean !== undefined && (mean < this.#best || this.#limit === this.#min)) this.#best = mean;
    else if (mean !== undefined) this.#best += (mean - this.#best) * FORGET;
    if (slow || this.#failed > this.#count * FAILURES) {
      this.#limit = Math.max(this.#min, Math.floor(this.#limit * DECREASE));
    } else if (this.#full) this.#limit = Math.min(this.#max, this.#limit + 1);
    this.#count = this.#sum = this.#failed = 0;
    this.#full = false;
  }
}
