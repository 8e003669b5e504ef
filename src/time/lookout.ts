/**
 * Stays awake for an answer that is about to come.
 *
 * @module
 */

import { Patience } from "../core/patience.ts";
import { runtime } from "../runtime/mod.ts";
import { now } from "./system_clock.ts";

/** How an answer is looked for. */
export interface LookoutOptions {
  /** The longest look, in milliseconds. */
  readonly longest?: number;
  /** Looks in every turn of the loop. */
  readonly look?: () => void;
  /** The look is over. */
  readonly over?: () => void;
}

/** Keeps the loop of the program turning for a moment, instead of sleeping; everything else in it goes on as ever. */
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

  /** An answer is about to come. */
  expect(): void {
    this.#since = now();
    this.#awaits = true;
    if (this.#looking) return;
    this.#looking = true;
    runtime.defer(() => this.#turn());
  }

  /** It has come. */
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
