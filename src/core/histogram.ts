/**
 * A histogram of durations in fixed memory.
 *
 * @module
 */

/** A summary of durations, in milliseconds. Percentiles are within 5 % of the true value. */
export interface Summary {
  /** The number of recorded durations. */
  count: number;
  /** The median. */
  p50: number;
  /** The 90th percentile. */
  p90: number;
  /** The 99th percentile. */
  p99: number;
  /** The longest duration, exactly. */
  max: number;
}

/** Buckets grow by 2^(1/8), about 9 %: the middle of a bucket is within 5 % of its durations. */
const PER_DOUBLING = 8;
/** The lower end of the first bucket: 0.1 us. */
const SMALLEST = 1e-4;
/** 0.1 us times 2^(320/8) is about 30 hours. */
const BUCKETS = 320;

/** Counts durations in logarithmic buckets. Recording is O(1) and allocates only once. */
export class Histogram {
  #buckets: Uint32Array | undefined;
  #count = 0;
  #max = 0;

  /** Records a duration in milliseconds. */
  record(duration: number): void {
    this.#buckets ??= new Uint32Array(BUCKETS);
    const place = duration <= SMALLEST ? 0 : Math.floor(Math.log2(duration / SMALLEST) * PER_DOUBLING);
    const bucket = place < BUCKETS ? place : BUCKETS - 1;
    this.#buckets[bucket] = this.#buckets[bucket]! + 1;
    this.#count++;
    if (duration > this.#max) this.#max = duration;
  }

  /** Returns a summary of the durations recorded so far. */
  summary(): Summary {
    return {
      count: this.#count,
      p50: this.#percentile(0.5),
      p90: this.#percentile(0.9),
      p99: this.#percentile(0.99),
      max: this.#max,
    };
  }

  #percentile(share: number): number {
    if (this.#buckets === undefined) return 0;
    let left = Math.ceil(this.#count * share);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#buckets[bucket]!;
      if (left <= 0) return Math.min(this.#max, SMALLEST * 2 ** ((bucket + 0.5) / PER_DOUBLING));
    }
    return this.#max;
  }
}
