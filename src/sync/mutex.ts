/**
 * A lock for internal use: held briefly, and taken over from threads that die while holding it.
 *
 * @module
 */

import { compareExchange, exchange, load, notifyAll, peek, waitSync } from "../core/cell.ts";
import { checkAlive, currentIdent, isDead } from "../core/thread_table.ts";
import { now } from "../time/system_clock.ts";

/** The holder's thread id, and a bit that is set while threads sleep until the lock is free. */
const HOLDER = 0xffff, SLEEPERS = 0x10000;
/** Spins before sleeping: the lock is usually held for less time than a system call takes. */
const LOOKS = 500;
/** Re-check interval in milliseconds: a dying thread cannot notify its waiters. */
const SLICE = 5;

/** The lock. It is not reentrant: a thread that finds itself as the holder was interrupted by an exception. */
export class Mutex {
  readonly #cells: Int32Array;
  readonly #index: number;
  readonly #repair: () => void;

  /** @param repair repairs what a holder left incomplete. */
  constructor(cells: Int32Array, index: number, repair: () => void) {
    this.#cells = cells;
    this.#index = index;
    this.#repair = repair;
  }

  /** Acquires the lock. Returns false if that takes longer than `limit` milliseconds. */
  lock(limit: number): boolean {
    checkAlive();
    const me = currentIdent();
    return compareExchange(this.#cells, this.#index, 0, me) === 0 || this.#wait(me, limit);
  }

  /** Releases the lock. */
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
        // Keep the bit set: a thread that has slept cannot know whether other threads still sleep.
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
