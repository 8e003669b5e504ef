/**
 * A count in shared memory, and how much of it each thread has.
 *
 * Count and part cannot change in one step, and a thread may be ended at any moment. To change the one and then the other
 * is the tempting way: a thread ended in between leaves a permit that nobody has, as one in five did of those ended on Node
 * while they did little else. So a change is written down first and then takes effect in a single step, by which the count
 * turns into a mark that says whose change this is. Whoever finds the mark makes the change, be it its thread or any other:
 * nobody waits for anybody. (Harris, Fraser and Pratt, A practical multi-word compare-and-swap operation, 2002, has the same
 * descriptors.)
 *
 * @module
 */

import { compareExchange, load, store } from "../core/cell.ts";
import { currentIdent, MAIN_IDENT } from "../core/thread_table.ts";
import { seatCells, Seats } from "./seats.ts";

/** Threads beyond so many change the count all the same, and leave what they have to nobody. */
const SEAT_COUNT = 64;
/** What lies behind the part in a seat: part and count to be, the change that is decided, and the one that is made. */
const NEXT_PART = 1, NEXT_COUNT = 2, DECIDED = 3, MADE = 4;
/** Cells of a seat for all of them. */
const WIDTH = 5;
/** A mark is negative, and says which seat and, in its lower bits, which of its changes. */
const MARK = 1 << 31, CHANGES = 0xffffff, SEAT_SHIFT = 24;
const NO_SEAT = -1;

/** How many cells a tally needs: the count, then the seats. */
export const TALLY_CELLS: number = 1 + seatCells(SEAT_COUNT, WIDTH);

/** A count from 0 on, of which threads take parts or to which they add them; what the dead had is undone. */
export class Tally {
  readonly #cells: Int32Array;
  readonly #at: number;
  readonly #sign: 1 | -1;
  readonly #seats: Seats;
  /** Whether other threads know it: until then its memory can be used as any other. */
  #shared = false;
  /** The part of this thread, until then. */
  #part = 0;
  /** The cell of this thread's part. */
  #seat = NO_SEAT;

  /**
   * @param at its first cell: that of the count.
   * @param sign 1 if parts are added to the count, -1 if they are taken from it.
   */
  constructor(cells: Int32Array, at: number, sign: 1 | -1) {
    this.#cells = cells;
    this.#at = at;
    this.#sign = sign;
    this.#seats = new Seats(cells, at + 1, SEAT_COUNT, WIDTH);
  }

  /** The count. */
  get count(): number {
    for (;;) {
      const count = load(this.#cells, this.#at);
      if (count >= 0) return count;
      this.#help(count);
    }
  }

  /** Other threads get to know it, and what this one has. The main thread needs no seat: nothing is left when it is gone. */
  share(): void {
    this.#shared = true;
    if (this.#seat !== NO_SEAT || currentIdent() === MAIN_IDENT) return;
    const seat = this.#seats.own();
    if (seat === NO_SEAT) return;
    this.#seat = seat;
    this.#cells[seat] = this.#part;
  }

  /** Adds to the count, and to the part of this thread, unless the count would leave its bounds. */
  change(by: number, lowest: number, highest: number): boolean {
    if (this.#shared) return this.#changeShared(by, lowest, highest);
    const next = this.#cells[this.#at]! + by;
    if (next < lowest || next > highest) return false;
    this.#cells[this.#at] = next;
    const part = this.#part + this.#sign * by;
    this.#part = part > 0 ? part : 0;
    return true;
  }

  #changeShared(by: number, lowest: number, highest: number): boolean {
    if (this.#seat !== NO_SEAT) return this.#changeFor(this.#seat, by, lowest, highest);
    for (;;) {
      const count = this.count;
      if (count + by < lowest || count + by > highest) return false;
      if (this.replace(count, count + by)) return true;
    }
  }

  /** Writes a count in the place of another; the parts stay as they are. */
  replace(count: number, next: number): boolean {
    return compareExchange(this.#cells, this.#at, count, next) === count;
  }

  /** Undoes what dead threads had, within the bound; true if there was anything. */
  clear(highest: number): boolean {
    let found = false;
    this.#seats.clear((seat) => {
      this.#settle(seat);
      const part = this.#cells[seat]!;
      if (part === 0) return;
      found = true;
      this.#undo(seat, part, highest);
    });
    return found;
  }

  /** Undoes a part, as far as that fits: others may have given back some of what its thread had. */
  #undo(seat: number, part: number, highest: number): void {
    for (;;) {
      const { count } = this;
      const room = Math.min(part, this.#sign < 0 ? highest - count : count);
      if (room <= 0 || this.#changeFor(seat, -this.#sign * room, 0, highest) || this.count === count) return;
    }
  }

  #changeFor(seat: number, by: number, lowest: number, highest: number): boolean {
    const cells = this.#cells;
    const at = this.#at;
    const change = (cells[seat + MADE]! + 1) & CHANGES;
    const mark = MARK | this.#seats.numberOf(seat) << SEAT_SHIFT | change;
    const part = cells[seat]! + this.#sign * by;
    // It may give back what another thread took.
    cells[seat + NEXT_PART] = part > 0 ? part : 0;
    let next: number;
    for (;;) {
      const count = this.count;
      next = count + by;
      if (next < lowest || next > highest) return false;
      cells[seat + NEXT_COUNT] = next;
      if (compareExchange(cells, at, count, mark) === count) break;
    }
    store(cells, seat + DECIDED, change);
    compareExchange(cells, at, mark, next);
    this.#make(seat, change);
    return true;
  }

  /** Makes the change of a mark. Where that is done by now nothing happens, as no mark comes twice. */
  #help(mark: number): void {
    const change = mark & CHANGES;
    const seat = this.#seats.cellOf(mark >>> SEAT_SHIFT & 0x7f);
    const next = load(this.#cells, seat + NEXT_COUNT);
    compareExchange(this.#cells, seat + DECIDED, (change - 1) & CHANGES, change);
    compareExchange(this.#cells, this.#at, mark, next);
  }

  /** Brings the change of a thread that is dead to its end, if it had taken effect. */
  #settle(seat: number): void {
    const cells = this.#cells;
    // Helps it on.
    void this.count;
    const change = load(cells, seat + DECIDED);
    if (change !== load(cells, seat + MADE)) this.#make(seat, change);
  }

  /** Writes the part of a change that is decided, as often as anybody likes. */
  #make(seat: number, change: number): void {
    this.#cells[seat] = this.#cells[seat + NEXT_PART]!;
    store(this.#cells, seat + MADE, change);
  }
}
