/**
 * Keeps the program alive while a pool has work.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import { startTimer } from "../time/system_clock.ts";

/** How long a pool must be without work, in milliseconds: one that gets its tasks one by one is so after each of them. */
const PAUSE = 1;

/** A hold on the program. Workers themselves never keep it alive: one handle is cheaper to switch than many. */
export class Hold {
  readonly #prints: boolean;
  #wanted = false;
  #release: (() => void) | undefined;
  #stopTimer: (() => void) | undefined;
  #letting = false;

  /** @param prints whether there are workers whose output has to come out before the program may end. */
  constructor(prints: boolean) {
    this.#prints = prints;
  }

  /** Says whether the program must go on. */
  set(wanted: boolean): void {
    this.#wanted = wanted;
    if (wanted) this.#release ??= runtime.keepAlive();
    else if (this.#release !== undefined && !this.#letting) {
      this.#letting = true;
      // Tasks of this loop print by themselves.
      if (!this.#prints) return runtime.defer(() => this.#letGo());
      this.#stopTimer = startTimer(PAUSE, () => {
        this.#stopTimer = undefined;
        if (this.#wanted) this.#letting = false;
        else runtime.afterOutput(() => this.#letGo());
      });
    }
  }

  /**
   * Lets the program go for good, without the pause, and calls back then: test runners count the timers that a pool leaves
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
