/**
 * A number for each thread that uses a primitive, in memory that all of them share.
 *
 * @module
 */

import { compareExchange, exchange, load, store } from "../core/cell.ts";
import { currentIdent, isDead } from "../core/thread_table.ts";

/** Cells of a seat: whose it is, or with a minus who clears it up, and its number. */
const CELLS = 2;

/** How many cells so many seats need. */
export function seatCells(seats: number): number {
  return seats * CELLS;
}

/**
 * Seats for threads. What a thread has noted in its seat is still there when the thread is not, so that others can
 * clean up behind it.
 */
export class Seats {
  readonly #cells: Int32Array;
  readonly #start: number;
  readonly #end: number;
  #own = -1;

  /** @param start the first of its cells. */
  constructor(cells: Int32Array, start: number, seats: number) {
    this.#cells = cells;
    this.#start = start;
    this.#end = start + seatCells(seats);
  }

  /** The cell of this thread's number; -1 if all seats are taken by others that live. */
  own(): number {
    if (this.#own === -1) this.#own = this.#sit();
    return this.#own;
  }

  /** Takes the numbers that dead threads have left, and makes their seats free. */
  clear(left: (number: number) => void): void {
    for (let at = this.#start; at < this.#end; at += CELLS) {
      const ident = load(this.#cells, at);
      if (ident === 0 || !isDead(Math.abs(ident))) continue;
      // By one thread alone: a second one could come when somebody else already sits there.
      if (compareExchange(this.#cells, at, ident, -currentIdent()) !== ident) continue;
      const number = exchange(this.#cells, at + 1, 0);
      if (number !== 0) left(number);
      store(this.#cells, at, 0);
    }
  }

  /** Calls back with the cell of the number of each thread that lives, in turn from seat `first` on, until told to stop. */
  each(first: number, visit: (cell: number) => boolean): void {
    const size = this.#end - this.#start;
    for (let i = 0; i < size; i += CELLS) {
      const at = this.#start + (first * CELLS + i) % size;
      const ident = load(this.#cells, at);
      if (ident > 0 && !isDead(ident) && !visit(at + 1)) return;
    }
  }

  #sit(): number {
    const me = currentIdent();
    for (let at = this.#start; at < this.#end; at += CELLS) {
      const ident = load(this.#cells, at);
      if (ident === me) return at + 1;
      if (ident === 0 && compareExchange(this.#cells, at, 0, me) === 0) return at + 1;
    }
    return -1;
  }
}
