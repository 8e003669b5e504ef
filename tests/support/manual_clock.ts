// A clock that stands still until a test lets time pass.

import type { Clock } from "../../src/core/wait_queue.ts";

/** Fires timers in the order they are due, those due together in the order they were started. */
export class ManualClock implements Clock {
  #now: number;
  /** By the time they are due: few times, even where there are many timers. */
  readonly #timers = new Map<number, Set<{ fn: () => void }>>();

  constructor(now = 0) {
    this.#now = now;
  }

  /** How many timers wait. */
  get pending(): number {
    let count = 0;
    for (const together of this.#timers.values()) count += together.size;
    return count;
  }

  now(): number {
    return this.#now;
  }

  startTimer(delay: number, fn: () => void): () => void {
    if (!(delay >= 0)) throw new RangeError(`A timer of ${delay} ms`);
    if (delay === Infinity) return () => {};
    const due = this.#now + delay;
    const timer = { fn };
    const together = this.#timers.get(due) ?? new Set();
    this.#timers.set(due, together.add(timer));
    return () => this.#drop(due, timer);
  }

  /** Lets time pass and fires what is due, each at its own time. */
  advance(duration: number): void {
    const end = this.#now + duration;
    for (;;) {
      let due = Infinity;
      for (const each of this.#timers.keys()) if (each < due) due = each;
      if (due > end) break;
      this.#now = Math.max(this.#now, due);
      // Taking the first of a set again and again is slow: it steps over all that were deleted.
      for (const timer of this.#timers.get(due)!) {
        this.#drop(due, timer);
        timer.fn();
      }
    }
    this.#now = end;
  }

  /** Lets time pass without firing anything, as while the loop is blocked: what is due fires in the next advance. */
  block(duration: number): void {
    this.#now += duration;
  }

  #drop(due: number, timer: { fn: () => void }): void {
    const together = this.#timers.get(due);
    if (together?.delete(timer) && together.size === 0) this.#timers.delete(due);
  }
}
