/**
 * The journal of a shared queue: keeps the queue's state consistent when a thread is terminated in the middle of a
 * change.
 *
 * @module
 */

import { load, store } from "../../core/cell.ts";
import { currentIdent, isDead, MAIN_IDENT, wasDone } from "../../core/thread_table.ts";
import {
  FINISHED,
  FIRST_NOTE,
  LOST,
  NOTES,
  PUTS,
  type Region,
  THREAD_SLOT_CELLS,
  THREAD_SLOT_COUNT,
  THREAD_SLOTS,
} from "./region.ts";

/** The largest number that a cell holds. */
const MOST = 2 ** 31 - 1;
/** No slot: for the main thread, which no other thread outlives, and for threads that found all slots occupied. */
const NO_SLOT = -1;

/** A cell and its next value. A negative cell stands for an eight-byte number at that index, negated. */
export type Note = readonly [cell: number, value: number];

/**
 * Records how many items are done, which threads have taken the unfinished ones, and what else must change in the same
 * step. A change is first written to the journal as the next values, then applied. A thread that finds the notes of a
 * dead thread applies them again. All methods are called with the lock of the queue held.
 */
export class Journal {
  readonly #cells: Int32Array;
  readonly #numbers: Float64Array;
  readonly #inside: () => number;
  /** The cell of this thread's balance: the items it has taken and not finished. */
  #threadSlot: number | undefined;
  #notes = 0;

  /** @param inside returns the number of items in the queue. */
  constructor({ cells, numbers }: Region, inside: () => number) {
    this.#cells = cells;
    this.#numbers = numbers;
    this.#inside = inside;
  }

  /** The number of items that are not done. Can be read without the lock. */
  get unfinished(): number {
    // The order of the reads matters: every finished item was put before.
    const finished = this.#numbers[FINISHED]!;
    return this.#numbers[PUTS]! - finished;
  }

  /** The cell of this thread's balance, or -1 if the thread has no slot. */
  threadSlot(): number {
    return this.#threadSlot ??= this.#sit();
  }

  /** The balance after one more item is taken. */
  balanceAfterTake(threadSlot: number): number {
    return threadSlot === NO_SLOT ? 0 : Math.min(MOST, this.#cells[threadSlot]! + 1);
  }

  setBalance(threadSlot: number, balance: number): void {
    if (threadSlot !== NO_SLOT) this.#cells[threadSlot] = balance;
  }

  /** Commits a put. */
  putIn(note: Note): void {
    this.#note(note);
    this.#note([-PUTS, this.#numbers[PUTS]! + 1]);
    this.#commit();
  }

  /** Commits a take by this thread. */
  takeOut(note: Note): void {
    const threadSlot = this.threadSlot();
    this.#note(note);
    if (threadSlot !== NO_SLOT) this.#note([threadSlot, this.balanceAfterTake(threadSlot)]);
    this.#commit();
  }

  /** Commits the removal of items, which then count as done. */
  discard(count: number, notes: readonly Note[]): void {
    for (const note of notes) this.#note(note);
    this.#note([-FINISHED, this.#numbers[FINISHED]! + Math.min(count, this.unfinished)]);
    this.#commit();
  }

  /** Commits that an item is done. Returns false if all items are done already. */
  finish(): boolean {
    if (this.unfinished === 0) return false;
    const threadSlot = this.threadSlot();
    this.#note([-FINISHED, this.#numbers[FINISHED]! + 1]);
    if (threadSlot !== NO_SLOT) this.#note([threadSlot, Math.max(0, this.#cells[threadSlot]! - 1)]);
    this.#commit();
    return true;
  }

  /** Commits the loss of taken items: at most those that are neither done nor in the queue. */
  lose(count: number, threadSlot: number = this.#threadSlot ?? NO_SLOT): void {
    const lost = Math.max(0, Math.min(count, this.unfinished - this.#inside()));
    this.#note([-FINISHED, this.#numbers[FINISHED]! + lost]);
    this.#note([LOST, (this.#cells[LOST]! + lost) | 0]);
    if (threadSlot !== NO_SLOT) this.#note([threadSlot, Math.max(0, this.#cells[threadSlot]! - count)]);
    this.#commit();
  }

  /** Counts the unfinished items of dead threads as lost and frees their slots. */
  clear(): void {
    const cells = this.#cells;
    for (let at = THREAD_SLOTS; at < THREAD_SLOTS + THREAD_SLOT_COUNT * THREAD_SLOT_CELLS; at += THREAD_SLOT_CELLS) {
      const ident = cells[at]!;
      if (ident === 0 || !isDead(ident)) continue;
      // A thread that ended normally has left its items to other threads.
      if (wasDone(ident)) this.#note([at + 1, 0]), this.#commit();
      else this.lose(cells[at + 1]!, at + 1);
      // The balance is already 0: a thread that takes over between the two steps finds nothing more to lose.
      cells[at] = 0;
    }
  }

  /** Applies the change that a thread had committed when it died. */
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
    if (me === MAIN_IDENT) return NO_SLOT;
    const cells = this.#cells;
    const find = (ident: number): number => {
      for (let at = THREAD_SLOTS; at < THREAD_SLOTS + THREAD_SLOT_COUNT * THREAD_SLOT_CELLS; at += THREAD_SLOT_CELLS) {
        if (cells[at] === ident) return at;
      }
      return NO_SLOT;
    };
    let threadSlot = find(me);
    if (threadSlot === NO_SLOT) threadSlot = find(0);
    if (threadSlot === NO_SLOT) {
      // Dead threads may occupy all slots.
      this.clear();
      threadSlot = find(0);
    }
    if (threadSlot === NO_SLOT) return NO_SLOT;
    cells[threadSlot] = me;
    return threadSlot + 1;
  }
}
