/**
 * Polls for an expected answer instead of letting the thread sleep.
 *
 * @module
 */

import { Patience } from "../core/patience.ts";
import { runtime } from "../runtime/mod.ts";
import { now } from "./system_clock.ts";

/** Options of a busy poll. */
export interface LookoutOptions {
  /** The maximum duration of a poll, in milliseconds. */
  readonly longest?: number;
  /** Called in every turn of the event loop while the poll lasts. */
  readonly look?: () => void;
  /** Called when the poll ends. */
  readonly over?: () => void;
}

/** Keeps the event loop turning for a moment, so that the thread does not sleep. Other work of the loop continues. */
export class Lookout {
  readonly #look: (() => void) | undefined;
  readonly #over: (() => void) | undefined;
  readonly #patience: Patience;
  #since = 0;
  #awaits = false;
  #looking = false;

  constructor({ longest, look, over }: LookoutOptions = {}) {
    this.#look = look;
    this.#over = over;
    this.#patience = new Patience(longest);
  }

  /** Starts to poll: an answer is expected soon. */
  expect(): void {
    this.#since = now();
    this.#awaits = true;
    if (this.#looking) return;
    this.#looking = true;
    runtime.defer(() => this.#turn());
  }

  /** Records that the answer has arrived. */
  arrived(): void {
    if (!this.#awaits) return;
    this.#awaits = false;
    this.#patience.learn(now() - this.#since);
  }

  #turn(): void {
    this.#look?.();
    if (this.#awaits && now() < this.#since + this.#patience.time) return runtime.defer(() => this.#turn());
    this.#looking = false;
    this.#over?.();
  }
}
