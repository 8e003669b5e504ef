/**
 * Thread slots: notes of each thread that uses a primitive, in shared memory.
 *
 * @module
 */

import { compareExchange, load, store } from "../core/cell.ts";
import { currentIdent, isDead } from "../core/thread_table.ts";

/**
 * Cells needed for `seats` slots: each holds the owner's thread id (negated while it is being reclaimed), then its
 * notes.
 */
export function slotCells(threadSlots: number, width = 1): number {
  return threadSlots * (1 + width);
}

/** Slots for threads. A thread's notes outlive the thread, so that other threads can recover what it held. */
export class ThreadSlots {
  readonly #cells: Int32Array;
  readonly #start: number;
  readonly #end: number;
  readonly #size: number;
  #own = -1;

  /**
   * @param start the first cell of the slots.
   * @param width how many cells of notes each slot has.
   */
  constructor(cells: Int32Array, start: number, threadSlots: number, width = 1) {
    this.#cells = cells;
    this.#start = start;
    this.#end = start + slotCells(threadSlots, width);
    this.#size = 1 + width;
  }

  /** The first cell of this thread's notes; -1 if living threads occupy all slots. */
  own(): number {
    if (this.#own === -1) this.#own = this.#sit();
    return this.#own;
  }

  /** The first cell of the notes in the slot with this number, from 0. */
  cellOf(number: number): number {
    return this.#start + number * this.#size + 1;
  }

  /** The number of the slot whose notes begin at this cell. */
  numberOf(cell: number): number {
    return (cell - 1 - this.#start) / this.#size;
  }

  /**
   * Frees the slots of dead threads after `clean` has processed their notes. `clean` may run again for the same slot,
   * because the reclaiming thread may die, too. The first cell of notes is then set to 0.
   */
  clear(clean: (cell: number) => void): void {
    for (let at = this.#start; at < this.#end; at += this.#size) {
      const ident = load(this.#cells, at);
      if (ident === 0 || !isDead(Math.abs(ident))) continue;
      // Only one thread may do this: by the time of a second pass, the slot could have a new owner.
      if (compareExchange(this.#cells, at, ident, -currentIdent()) !== ident) continue;
      clean(at + 1);
      store(this.#cells, at + 1, 0);
      store(this.#cells, at, 0);
    }
  }

  /**
   * Calls `visit` with the first notes cell of each living thread, starting at slot `first`, until `visit` returns
   * false.
   */
  each(first: number, visit: (cell: number) => boolean): void {
    const size = this.#end - this.#start;
    for (let i = 0; i < size; i += this.#size) {
      const at = this.#start + (first * this.#size + i) % size;
      const ident = load(this.#cells, at);
      if (ident > 0 && !isDead(ident) && !visit(at + 1)) return;
    }
  }

  #sit(): number {
    const me = currentIdent();
    for (let at = this.#start; at < this.#end; at += this.#size) {
      const ident = load(this.#cells, at);
      if (ident === me) return at + 1;
      if (ident === 0 && compareExchange(this.#cells, at, 0, me) === 0) return at + 1;
    }
    return -1;
  }
}
