/**
 * The lock inside a shared queue: held for a moment at a time, and taken over from threads that die with it.
 *
 * @module
 */

import { compareExchange, exchange, load, notifyAll, peek, waitSync } from "../core/cell.ts";
import { checkAlive, currentIdent, isDead } from "../core/thread_table.ts";
import { now } from "../time/system_clock.ts";

/** The holder's number; and a bit that says that somebody sleeps until it is free. */
const HOLDER = 0xffff, SLEEPERS = 0x10000;
/** How often to look before sleeping: it is held for less than a call of the system takes. */
const LOOKS = 500;
/** A sleeper looks by itself so often, in milliseconds: a thread that dies calls nobody. */
const SLICE = 5;

/** The lock. It is not reentrant: a thread that finds itself holding it was thrown out of what it was doing. */
export class Mutex {
  readonly #cells: Int32Array;
  readonly #index: number;
  readonly #repair: () => void;

  /** @param repair puts in order what a holder left that did not get to the end. */
  constructor(cells: Int32Array, index: number, repair: () => void) {
    this.#cells = cells;
    this.#index = index;
    this.#repair = repair;
  }

  /** Takes the lock; false if that takes longer than `limit` milliseconds. */
  lock(limit: number): boolean {
    checkAlive();
    const me = currentIdent();
    return compareExchange(this.#cells, this.#index, 0, me) === 0 || this.#wait(me, limit);
  }

  /** Gives it back. */
  unlock(): void {
    if (exchange(this.#cells, this.#index, 0) > HOLDER) notifyAll(this.#cells, this.#index);
  }

  #wait(me: number, limit: number): boolean {
    const cells = this.#cells;
    const index = this.#index;
    for (let looks = LOOKS; looks > 0; looks--) {
      if (peek(cells, index) === 0 && compareExchange(cells, index, 0, me) === 0) return true;
    }
    const end = now() + limit;
    for (;;) {
      checkAlive();
      const held = load(cells, index);
      const holder = held & HOLDER;
      if (holder === 0 || holder === me || isDead(holder)) {
        // Others may sleep: whoever has slept does not know.
        if (compareExchange(cells, index, held, me | SLEEPERS) !== held) continue;
        if (holder !== 0) this.#repair();
        return true;
      }
      const left = end - now();
      if (left <= 0) return false;
      if (held <= HOLDER && compareExchange(cells, index, held, held | SLEEPERS) !== held) continue;
      waitSync(cells, index, held | SLEEPERS, Math.min(left, SLICE));
    }
  }
}
