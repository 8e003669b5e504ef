/**
 * Notes of each thread that uses a primitive, in memory that all of them share.
 *
 * @module
 */

import { compareExchange, load, store } from "../core/cell.ts";
import { currentIdent, isDead } from "../core/thread_table.ts";

/** How many cells so many seats need: in each whose it is, or with a minus who clears it up, and what it notes. */
export function seatCells(seats: number, width = 1): number {
  return seats * (1 + width);
}

/**
 * Seats for threads. What a thread has noted in its seat is still there when the thread is not, so that others can
 * clean up behind it.
 */
export class Seats {
  readonly #cells: Int32Array;
  readonly #start: number;
  readonly #end: number;
  readonly #size: number;
  #own = -1;

  /**
   * @param start the first of its cells.
   * @param width how many cells a thread has for its notes.
   */
  constructor(cells: Int32Array, start: number, seats: number, width = 1) {
    this.#cells = cells;
    this.#start = start;
    this.#end = start + seatCells(seats, width);
    this.#size = 1 + width;
  }

  /** The first cell of this thread's notes; -1 if all seats are taken by others that live. */
  own(): number {
    if (this.#own === -1) this.#own = this.#sit();
    return this.#own;
  }

  /** The first cell of the notes in the seat of a number, from 0. */
  cellOf(number: number): number {
    return this.#start + number * this.#size + 1;
  }

  /** The number of the seat whose notes begin in a cell. */
  numberOf(cell: number): number {
    return (cell - 1 - this.#start) / this.#size;
  }

  /**
   * Makes the seats of dead threads free, once their notes are cleared: the function may be called again for some, as who
   * does this may die, too. The first cell is set to zero behind it.
   */
  clear(clean: (cell: number) => void): void {
    for (let at = this.#start; at < this.#end; at += this.#size) {
      const ident = load(this.#cells, at);
      if (ident === 0 || !isDead(Math.abs(ident))) continue;
      // By one thread alone: a second one could come when somebody else already sits there.
      if (compareExchange(this.#cells, at, ident, -currentIdent()) !== ident) continue;
      clean(at + 1);
      store(this.#cells, at + 1, 0);
      store(this.#cells, at, 0);
    }
  }

  /** Calls back with the first cell of each thread that lives, in turn from seat `first` on, until told to stop. */
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
