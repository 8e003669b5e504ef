// A manual clock that advances from timer to timer, and counts of starts in windows.

import type { Clock } from "../../src/core/wait_queue.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { settle } from "./callers.ts";

/** A clock that advances from timer to timer. All promises settle before the next timer fires. */
export class TurnClock implements Clock {
  readonly #clock = new ManualClock();
  /** The times at which timers are due. */
  readonly #due: number[] = [];

  now(): number {
    return this.#clock.now();
  }

  startTimer(delay: number, fn: () => void): () => void {
    const due = this.now() + delay;
    let at = this.#due.length;
    while (at > 0 && this.#due[at - 1]! > due) at--;
    if (this.#due[at - 1] !== due) this.#due.splice(at, 0, due);
    return this.#clock.startTimer(delay, fn);
  }

  async advance(duration: number): Promise<void> {
    const end = this.now() + duration;
    for (await settle(); this.#due.length > 0 && this.#due[0]! <= end; await settle()) {
      this.#clock.advance(Math.max(0, this.#due.shift()! - this.now()));
    }
    this.#clock.advance(end - this.now());
  }
}

/** Returns the maximum number of starts in a window that begins with a start. */
export function mostIn(starts: readonly number[], interval: number): number {
  let most = 0, end = 0;
  for (let i = 0; i < starts.length; i++) {
    while (end < starts.length && starts[end]! < starts[i]! + interval) end++;
    most = Math.max(most, end - i);
  }
  return most;
}
