/**
 * The delay before a pool retries a failed start of a worker.
 *
 * @module
 */

import { startTimer } from "../../time/system_clock.ts";

/** The first delay, in milliseconds. Each further one in a row is twice as long. */
const FIRST = 100;
/** The maximum delay, in milliseconds. */
const LONGEST = 5_000;

/** The delay between two attempts to start a worker, in a pool that continues with its other workers. */
export class StartPause {
  #next = FIRST;
  #stop: (() => void) | undefined;

  /** Whether the delay is running. */
  get waiting(): boolean {
    return this.#stop !== undefined;
  }

  /** Starts the delay after a failed attempt. */
  begin(again: () => void): void {
    if (this.#stop !== undefined) return;
    this.#stop = startTimer(this.#next, () => {
      this.#stop = undefined;
      again();
    }, { unref: true });
    this.#next = Math.min(2 * this.#next, LONGEST);
  }

  /** Resets the delay after a successful attempt, or when no further one is made. */
  end(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#next = FIRST;
  }
}
