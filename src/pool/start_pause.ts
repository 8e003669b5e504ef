/**
 * When a pool tries again to start a worker that could not be started.
 *
 * @module
 */

import { startTimer } from "../time/system_clock.ts";

/** The first pause, in milliseconds. Each further one in a row is twice as long. */
const FIRST = 100;
/** The longest pause, in milliseconds. */
const LONGEST = 5_000;

/** The pause between two attempts to start a worker, in a pool that goes on with the workers it has. */
export class StartPause {
  #next = FIRST;
  #stop: (() => void) | undefined;

  /** Whether the pool waits before it tries again. */
  get waiting(): boolean {
    return this.#stop !== undefined;
  }

  /** An attempt has failed: the next one is made after the pause. */
  begin(again: () => void): void {
    if (this.#stop !== undefined) return;
    this.#stop = startTimer(this.#next, () => {
      this.#stop = undefined;
      again();
    }, { unref: true });
    this.#next = Math.min(2 * this.#next, LONGEST);
  }

  /** An attempt has succeeded, or there will be no further one. */
  end(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#next = FIRST;
  }
}
