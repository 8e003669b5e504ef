/**
 * Counts the recent outcomes of calls, for circuit breakers.
 *
 * @module
 */

import { Deque } from "../core/deque.ts";

/**
 * The number of parts of a window. Outcomes expire one part at a time, so at most a twentieth of the window too early.
 */
const PARTS = 20;

/** The outcomes of one part of the window. */
interface Part {
  readonly number: number;
  calls: number;
  failures: number;
}

/** Counts the calls and failures of the last `duration` milliseconds, in constant memory. */
export class CallWindow {
  readonly #part: number;
  #parts = new Deque<Part>();
  #latest: Part | undefined;
  calls = 0;
  failures = 0;

  constructor(duration: number) {
    this.#part = duration / PARTS;
  }

  /** The time from which no counted outcome has an effect. */
  get end(): number {
    return this.#latest === undefined ? -Infinity : (this.#latest.number + PARTS) * this.#part;
  }

  /** Counts the outcomes of calls. */
  add(calls: number, failures: number, now: number): void {
    const number = Math.floor(now / this.#part);
    const part = this.#latest?.number === number ? this.#latest : this.#begin(number);
    this.calls += calls;
    part.calls += calls;
    this.failures += failures;
    part.failures += failures;
  }

  /** Begins a part, and forgets the parts that have left the window. */
  #begin(number: number): Part {
    for (let oldest = this.#parts.peek(); oldest !== undefined && oldest.number <= number - PARTS;) {
      this.calls -= oldest.calls;
      this.failures -= oldest.failures;
      this.#parts.shift();
      oldest = this.#parts.peek();
    }
    this.#latest = { number, calls: 0, failures: 0 };
    this.#parts.push(this.#latest);
    return this.#latest;
  }

  /** Discards all outcomes. */
  clear(): void {
    this.#parts = new Deque();
    this.#latest = undefined;
    this.calls = this.failures = 0;
  }
}
