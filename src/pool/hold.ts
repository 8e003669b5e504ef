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
  #wanted = false;
  #release: (() => void) | undefined;
  #letting = false;

  /** Says whether the program must go on. It is let go only when what workers printed has come out. */
  set(wanted: boolean): void {
    this.#wanted = wanted;
    if (wanted) this.#release ??= runtime.keepAlive();
    else if (this.#release !== undefined && !this.#letting) {
      this.#letting = true;
      startTimer(PAUSE, () => {
        if (this.#wanted) this.#letting = false;
        else runtime.afterOutput(() => this.#letGo());
      });
    }
  }

  #letGo(): void {
    this.#letting = false;
    if (this.#wanted) return;
    this.#release?.();
    this.#release = undefined;
  }
}
