/**
 * A rate that holds for every time window.
 *
 * A counter that is reset every interval is tempting. But it admits twice the limit around a reset: the last starts of
 * one interval and the first starts of the next.
 *
 * @module
 */

import { Deque } from "../core/deque.ts";

/** The starts of one turn of the event loop. */
interface Batch {
  time: number;
  count: number;
}

/** Admits at most `limit` starts in every window of `interval` milliseconds, wherever the window begins. */
export class SlidingWindow {
  readonly #limit: number;
  readonly #interval: number;
  /** The starts in the window that ends now. */
  readonly #batches = new Deque<Batch>();
  #count = 0;
  /** The batch of this turn of the event loop, whose calls may not have started yet. */
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
      // The calls of the open batch may start as late as now.
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
      // The whole batch counts from the end of the turn.
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
