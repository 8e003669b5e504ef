/**
 * What must be true of a shared queue at any moment, even if the thread that changes it is ended in the middle.
 *
 * @module
 */

import { load, store } from "../core/cell.ts";
import { currentIdent, isDead, MAIN_IDENT, wasDone } from "../core/thread_table.ts";
import {
  COUNT,
  FIRST_NOTE,
  LOST,
  NOTES,
  notesOf,
  type Region,
  SEAT_CELLS,
  SEAT_COUNT,
  SEATS,
  STATE,
  UNFINISHED,
} from "./shared_region.ts";

/** The largest number a cell holds. */
const MOST = 2 ** 31 - 1;
/** No seat: of the main thread, which nobody outlives, and of those that came when all seats were taken. */
const NO_SEAT = -1;

/**
 * Which records are in the queue, how many items are not done, and who has taken them. A change is first noted in the
 * journal, as the values to be, then made; whoever finds the notes of a thread that died makes it once more. All methods
 * are called with the lock of the queue held.
 */
export class Ledger {
  readonly #cells: Int32Array;
  readonly #numbers: Float64Array;
  /** The cell of the balance of this thread. */
  #seat: number | undefined;
  #notes = 0;

  constructor({ cells, numbers }: Region) {
    this.#cells = cells;
    this.#numbers = numbers;
  }

  /** A record is in the queue from now on. */
  putIn(record: number): void {
    this.#note(notesOf(record) + STATE, 1);
    this.#noteUnfinished(this.#numbers[UNFINISHED]! + 1);
    this.#commit();
  }

  /** A record is with this thread from now on. */
  takeOut(record: number): void {
    const seat = this.#seat ??= this.#sit();
    this.#note(notesOf(record) + STATE, 0);
    if (seat !== NO_SEAT) this.#note(seat, Math.min(MOST, this.#cells[seat]! + 1));
    this.#commit();
  }

  /** A record is in the queue no more, and counts as done. */
  discard(record: number): void {
    this.#note(notesOf(record) + STATE, 0);
    this.#noteUnfinished(Math.max(0, this.#numbers[UNFINISHED]! - 1));
    this.#commit();
  }

  /** An item is done; false if there was none that is not. */
  finish(): boolean {
    const unfinished = this.#numbers[UNFINISHED]!;
    if (unfinished === 0) return false;
    const seat = this.#seat ??= this.#sit();
    this.#noteUnfinished(unfinished - 1);
    if (seat !== NO_SEAT) this.#note(seat, Math.max(0, this.#cells[seat]! - 1));
    this.#commit();
    return true;
  }

  /** Items that were taken are lost: at most those that are neither done nor in the queue. */
  lose(count: number, seat: number = this.#seat ?? NO_SEAT): void {
    const unfinished = this.#numbers[UNFINISHED]!;
    const lost = Math.max(0, Math.min(count, unfinished - this.#cells[COUNT]!));
    this.#noteUnfinished(unfinished - lost);
    this.#note(LOST, (this.#cells[LOST]! + lost) | 0);
    if (seat !== NO_SEAT) this.#note(seat, Math.max(0, this.#cells[seat]! - count));
    this.#commit();
  }

  /** What threads that died have taken is lost, and their seats are free. */
  clear(): void {
    const cells = this.#cells;
    for (let at = SEATS; at < SEATS + SEAT_COUNT * SEAT_CELLS; at += SEAT_CELLS) {
      const ident = cells[at]!;
      if (ident === 0 || !isDead(ident)) continue;
      // One that was done has left it to others to finish what it took.
      if (wasDone(ident)) this.#note(at + 1, 0), this.#commit();
      else this.lose(cells[at + 1]!, at + 1);
      // Its balance is 0: whoever comes between the two finds nothing more to lose.
      cells[at] = 0;
    }
  }

  /** Makes the change that a thread had noted when it died. */
  redo(): void {
    this.#notes = load(this.#cells, NOTES);
    this.#apply();
  }

  #note(cell: number, value: number): void {
    const at = FIRST_NOTE + 2 * this.#notes++;
    this.#numbers[at] = cell;
    this.#numbers[at + 1] = value;
  }

  /** It is no cell, as a program may run for long without ever saying that anything is done. */
  #noteUnfinished(value: number): void {
    this.#note(-UNFINISHED, value);
  }

  #commit(): void {
    store(this.#cells, NOTES, this.#notes);
    this.#apply();
  }

  #apply(): void {
    const numbers = this.#numbers;
    for (let i = 0, at = FIRST_NOTE; i < this.#notes; i++, at += 2) {
      const cell = numbers[at]!;
      if (cell > 0) this.#cells[cell] = numbers[at + 1]!;
      else numbers[-cell] = numbers[at + 1]!;
    }
    this.#notes = 0;
    store(this.#cells, NOTES, 0);
  }

  #sit(): number {
    const me = currentIdent();
    if (me === MAIN_IDENT) return NO_SEAT;
    const cells = this.#cells;
    const find = (ident: number): number => {
      for (let at = SEATS; at < SEATS + SEAT_COUNT * SEAT_CELLS; at += SEAT_CELLS) if (cells[at] === ident) return at;
      return NO_SEAT;
    };
    let seat = find(me);
    if (seat === NO_SEAT) seat = find(0);
    if (seat === NO_SEAT) {
      // The dead may sit on all of them.
      this.clear();
      seat = find(0);
    }
    if (seat === NO_SEAT) return NO_SEAT;
    cells[seat] = me;
    return seat + 1;
  }
}
