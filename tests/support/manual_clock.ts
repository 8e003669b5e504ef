// Implements a clock that advances only when a test tells it to.

import type { Clock } from "../../src/core/wait_queue.ts";

/** Fires timers in the order in which they are due, and in the order of their start if due at the same time. */
export class ManualClock implements Clock {
  #now: number;
  /** Timers by due time: there are few different times, even with many timers. */
  readonly #timers = new Map<number, Set<{ fn: () => void }>>();

  constructor(now = 0) {
    this.#now = now;
  }

  /** The number of pending timers. */
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

  /** Advances the clock and fires each due timer at its own time. */
  advance(duration: number): void {
    const end = this.#now + duration;
    for (;;) {
      let due = Infinity;
      for (const each of this.#timers.keys()) if (each < due) due = each;
      if (due > end) break;
      this.#now = Math.max(this.#now, due);
      // Iterate over the set: taking its first item again and again would step over all deleted ones.
      for (const timer of this.#timers.get(due)!) {
        this.#drop(due, timer);
        timer.fn();
      }
    }
    this.#now = end;
  }

  /** Advances the clock without firing timers, as if the loop were blocked; the next advance fires the due ones. */
  block(duration: number): void {
    this.#now += duration;
  }

  #drop(due: number, timer: { fn: () => void }): void {
    const together = this.#timers.get(due);
    if (together?.delete(timer) && together.size === 0) this.#timers.delete(due);
  }
}
