/**
 * What must be true of a shared queue at any moment, even if the thread that changes it is ended in the middle.
 *
 * @module
 */

import { load, store } from "../core/cell.ts";
import { currentIdent, isDead, MAIN_IDENT, wasDone } from "../core/thread_table.ts";
import {
  FINISHED,
  FIRST_NOTE,
  LOST,
  NOTES,
  PUTS,
  type Region,
  SEAT_CELLS,
  SEAT_COUNT,
  SEATS,
} from "./shared_region.ts";

/** The largest number a cell holds. */
const MOST = 2 ** 31 - 1;
/** No seat: of the main thread, which nobody outlives, and of those that came when all seats were taken. */
const NO_SEAT = -1;

/** A cell and the value that it is to have; a number of eight bytes is named by its place below 0. */
export type Note = readonly [cell: number, value: number];

/**
 * How many items are done, who has taken those that are not, and what else has to change in one step with that. A change is
 * first noted in the journal, as the values to be, then made; whoever finds the notes of a thread that died makes it once
 * more. All methods are called with the lock of the queue held.
 */
export class Ledger {
  readonly #cells: Int32Array;
  readonly #numbers: Float64Array;
  readonly #inside: () => number;
  /** The cell of the balance of this thread. */
  #seat: number | undefined;
  #notes = 0;

  /** @param inside tells how many items are in the queue. */
  constructor({ cells, numbers }: Region, inside: () => number) {
    this.#cells = cells;
    this.#numbers = numbers;
    this.#inside = inside;
  }

  /** How many items are not done; to be asked without the lock, too. */
  get unfinished(): number {
    // In this order: what is done was put before.
    const finished = this.#numbers[FINISHED]!;
    return this.#numbers[PUTS]! - finished;
  }

  /** The cell of the balance of this thread, if it has one. */
  seat(): number {
    return this.#seat ??= this.#sit();
  }

  /** What the balance is once another item was taken. */
  balanceAfterTake(seat: number): number {
    return seat === NO_SEAT ? 0 : Math.min(MOST, this.#cells[seat]! + 1);
  }

  setBalance(seat: number, balance: number): void {
    if (seat !== NO_SEAT) this.#cells[seat] = balance;
  }

  /** An item is in the queue from now on. */
  putIn(note: Note): void {
    this.#note(note);
    this.#note([-PUTS, this.#numbers[PUTS]! + 1]);
    this.#commit();
  }

  /** An item is with this thread from now on. */
  takeOut(note: Note): void {
    const seat = this.seat();
    this.#note(note);
    if (seat !== NO_SEAT) this.#note([seat, this.balanceAfterTake(seat)]);
    this.#commit();
  }

  /** Items are in the queue no more, and count as done. */
  discard(count: number, notes: readonly Note[]): void {
    for (const note of notes) this.#note(note);
    this.#note([-FINISHED, this.#numbers[FINISHED]! + Math.min(count, this.unfinished)]);
    this.#commit();
  }

  /** An item is done; false if there was none that is not. */
  finish(): boolean {
    if (this.unfinished === 0) return false;
    const seat = this.seat();
    this.#note([-FINISHED, this.#numbers[FINISHED]! + 1]);
    if (seat !== NO_SEAT) this.#note([seat, Math.max(0, this.#cells[seat]! - 1)]);
    this.#commit();
    return true;
  }

  /** Items that were taken are lost: at most those that are neither done nor in the queue. */
  lose(count: number, seat: number = this.#seat ?? NO_SEAT): void {
    const lost = Math.max(0, Math.min(count, this.unfinished - this.#inside()));
    this.#note([-FINISHED, this.#numbers[FINISHED]! + lost]);
    this.#note([LOST, (this.#cells[LOST]! + lost) | 0]);
    if (seat !== NO_SEAT) this.#note([seat, Math.max(0, this.#cells[seat]! - count)]);
    this.#commit();
  }

  /** What threads that died have taken is lost, and their seats are free. */
  clear(): void {
    const cells = this.#cells;
    for (let at = SEATS; at < SEATS + SEAT_COUNT * SEAT_CELLS; at += SEAT_CELLS) {
      const ident = cells[at]!;
      if (ident === 0 || !isDead(ident)) continue;
      // One that was done has left it to others to finish what it took.
      if (wasDone(ident)) this.#note([at + 1, 0]), this.#commit();
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

  #note([cell, value]: Note): void {
    const at = FIRST_NOTE + 2 * this.#notes++;
    this.#numbers[at] = cell;
    this.#numbers[at + 1] = value;
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
