/**
 * Keeps the program alive while a pool has work.
 *
 * @module
 */

import { runtime } from "../../runtime/mod.ts";
import { startTimer } from "../../time/system_clock.ts";

/**
 * Milliseconds that a pool must be without work. A pool that gets its tasks one by one is without work after each of
 * them.
 */
const PAUSE = 1;

/**
 * The keep-alive of a pool. Workers themselves never keep the program alive: switching one handle is cheaper than many.
 */
export class KeepAlive {
  readonly #prints: boolean;
  #wanted = false;
  #release: (() => void) | undefined;
  #stopTimer: (() => void) | undefined;
  #letting = false;

  /** @param prints whether there are workers whose output must be written before the program may end. */
  constructor(prints: boolean) {
    this.#prints = prints;
  }

  /** Sets whether the program must stay alive. */
  set(wanted: boolean): void {
    this.#wanted = wanted;
    if (wanted) this.#release ??= runtime.keepAlive();
    else if (this.#release !== undefined && !this.#letting) {
      this.#letting = true;
      // Tasks of this loop print directly.
      if (!this.#prints) return runtime.defer(() => this.#letGo());
      this.#stopTimer = startTimer(PAUSE, () => {
        this.#stopTimer = undefined;
        if (this.#wanted) this.#letting = false;
        else runtime.afterOutput(() => this.#letGo());
      });
    }
  }

  /**
   * Ends the keep-alive for good, without the delay, and then calls back. Test runners count timers that a pool leaves
   * behind after its shutdown.
   */
  end(ended: () => void): void {
    this.#wanted = false;
    this.#stopTimer?.();
    if (this.#release === undefined) return ended();
    this.#letting = true;
    runtime.afterOutput(() => {
      this.#letGo();
      ended();
    });
  }

  #letGo(): void {
    this.#letting = false;
    if (this.#wanted) return;
    this.#release?.();
    this.#release = undefined;
  }
}
