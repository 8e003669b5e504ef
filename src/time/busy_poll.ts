/**
 * Polls for an expected answer instead of letting the thread sleep.
 *
 * @module
 */

import { SpinTime } from "../core/spin_time.ts";
import { runtime } from "../runtime/mod.ts";
import { now } from "./system_clock.ts";

/** Options of a busy poll. */
export interface BusyPollOptions {
  /** The maximum duration of a poll, in milliseconds. */
  readonly maxSpin?: number;
  /** Called in every turn of the event loop while the poll lasts. */
  readonly poll?: () => void;
  /** Called when the poll ends. */
  readonly over?: () => void;
}

/** Keeps the event loop turning for a moment, so that the thread does not sleep. Other work of the loop continues. */
export class BusyPoll {
  readonly #poll: (() => void) | undefined;
  readonly #over: (() => void) | undefined;
  readonly #spinTime: SpinTime;
  #since = 0;
  #awaits = false;
  #polling = false;

  constructor({ maxSpin, poll, over }: BusyPollOptions = {}) {
    this.#poll = poll;
    this.#over = over;
    this.#spinTime = new SpinTime(maxSpin);
  }

  /** Starts to poll: an answer is expected soon. */
  expect(): void {
    this.#since = now();
    this.#awaits = true;
    if (this.#polling) return;
    this.#polling = true;
    runtime.defer(() => this.#turn());
  }

  /** Records that the answer has arrived. */
  arrived(): void {
    if (!this.#awaits) return;
    this.#awaits = false;
    this.#spinTime.learn(now() - this.#since);
  }

  #turn(): void {
    this.#poll?.();
    if (this.#awaits && now() < this.#since + this.#spinTime.time) return runtime.defer(() => this.#turn());
    this.#polling = false;
    this.#over?.();
  }
}
