/**
 * A rate that no window ever exceeds.
 *
 * A counter that is set to zero every interval is tempting. But it lets twice as many start around the end of an interval:
 * the last of one and the first of the next.
 *
 * @module
 */

import { Deque } from "../core/deque.ts";

/** Starts that were admitted at the same moment. */
interface Batch {
  time: number;
  count: number;
}

/** Admits at most `limit` starts in a window of `interval` milliseconds, wherever the window begins. */
export class SlidingWindow {
  readonly #limit: number;
  readonly #interval: number;
  /** The starts in the window that ends now. */
  readonly #batches = new Deque<Batch>();
  #count = 0;
  /** Those that may not have started yet. */
  #open: Batch | undefined;
  #latest = -Infinity;

  constructor(limit: number, interval: number) {
    this.#limit = limit;
    this.#interval = interval;
  }

  get free(): boolean {
    return this.#count < this.#limit;
  }

  get open(): boolean {
    return this.#open !== undefined;
  }

  get end(): number {
    return this.#open === undefined ? this.#latest + this.#interval : Infinity;
  }

  wait(now: number): number {
    if (this.#count < this.#limit) return 0;
    for (let oldest = this.#batches.peek(); oldest !== undefined; oldest = this.#batches.peek()) {
      // Those of this turn of the loop have not all started yet, however long it takes.
      const time = oldest === this.#open ? now : oldest.time;
      const left = time + this.#interval - now;
      if (left > 0) return this.#count < this.#limit ? 0 : left;
      this.#batches.shift();
      this.#count -= oldest.count;
    }
    return 0;
  }

  start(now: number): void {
    this.#count++;
    if (this.#open !== undefined) {
      // In the same turn of the loop: they count from its end.
      this.#open.count++;
      return;
    }
    this.#open = { time: now, count: 1 };
    this.#batches.push(this.#open);
  }

  settle(now: number): void {
    if (this.#open === undefined) return;
    this.#latest = this.#open.time = now;
    this.#open = undefined;
  }
}
