/**
 * How calls of late have ended.
 *
 * @module
 */

import { Deque } from "../core/deque.ts";

/** Into how many parts a window is divided: outcomes are forgotten one part at a time, at most a twentieth too early. */
const PARTS = 20;

/** The outcomes of one part of the window. */
interface Part {
  readonly number: number;
  calls: number;
  failures: number;
}

/** Counts the calls and failures of the last `duration` milliseconds, in memory that does not grow with their number. */
export class CallWindow {
  readonly #part: number;
  #parts = new Deque<Part>();
  #latest: Part | undefined;
  calls = 0;
  failures = 0;

  constructor(duration: number) {
    this.#part = duration / PARTS;
  }

  /** From when on nothing that was counted matters. */
  get end(): number {
    return this.#latest === undefined ? -Infinity : (this.#latest.number + PARTS) * this.#part;
  }

  /** Counts the outcome of a call. */
  add(failed: boolean, now: number): void {
    const number = Math.floor(now / this.#part);
    for (let oldest = this.#parts.peek(); oldest !== undefined && oldest.number <= number - PARTS;) {
      this.calls -= oldest.calls;
      this.failures -= oldest.failures;
      this.#parts.shift();
      oldest = this.#parts.peek();
    }
    if (this.#latest?.number !== number) this.#parts.push(this.#latest = { number, calls: 0, failures: 0 });
    this.calls++;
    this.#latest.calls++;
    if (!failed) return;
    this.failures++;
    this.#latest.failures++;
  }

  /** Forgets everything. */
  clear(): void {
    this.#parts = new Deque();
    this.#latest = undefined;
    this.calls = this.failures = 0;
  }
}
