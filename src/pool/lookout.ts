/**
 * Stays awake for an answer that is about to come.
 *
 * @module
 */

import { Patience } from "../core/patience.ts";
import { runtime } from "../runtime/mod.ts";
import { now } from "../time/system_clock.ts";

/** Keeps the loop of the program turning for a moment, instead of sleeping; everything else in it goes on as ever. */
export class Lookout {
  readonly #came: () => boolean;
  readonly #over: () => void;
  readonly #patience = new Patience();
  #end = 0;
  #looking = false;

  /**
   * @param came looks whether the answer has come.
   * @param over is called when the look is over.
   */
  constructor(came: () => boolean, over: () => void) {
    this.#came = came;
    this.#over = over;
  }

  /** An answer is about to come. */
  expect(): void {
    this.#end = now() + this.#patience.time;
    if (this.#looking) return;
    this.#looking = true;
    runtime.defer(() => this.#look());
  }

  #look(): void {
    const came = this.#came();
    if (!came && now() < this.#end) return runtime.defer(() => this.#look());
    this.#looking = false;
    this.#patience.learn(came);
    this.#over();
  }
}
