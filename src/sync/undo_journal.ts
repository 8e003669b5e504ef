/**
 * Changes of shared memory that happen as a whole, even if the thread that makes them dies.
 *
 * @module
 */

import { store } from "../core/cell.ts";
import { Mutex } from "./mutex.ts";

/** The cells: the holder of the mutex, with a bit for sleepers; and how many notes there are. */
const MUTEX = 0, NOTES = 1;
/** The notes: a cell and the value it had. No change needs more than half of them. */
const FIRST_NOTE = 16, MOST_NOTES = 48;
/** The cells from 2 to 15, and those from here on, belong to the user of the journal. */
export const JOURNAL_END = 128;

/** A mutex, and notes of what cells were before the change that is being made under it. */
export class UndoJournal {
  readonly #cells: Int32Array;
  readonly #mutex: Mutex;

  constructor(cells: Int32Array) {
    this.#cells = cells;
    this.#mutex = new Mutex(cells, MUTEX, () => this.#undo());
  }

  /**
   * Calls a function that changes the memory: with all that it sets, or with nothing of it if it throws or the thread
   * dies.
   */
  change<R>(fn: () => R): R {
    this.lock();
    try {
      const result = fn();
      this.commit();
      return result;
    } catch (error) {
      this.#undo();
      throw error;
    } finally {
      this.unlock();
    }
  }

  /** Writes a cell that counts, and notes what it was. */
  set(cell: number, value: number): void {
    const cells = this.#cells;
    const notes = cells[NOTES]!;
    const at = FIRST_NOTE + 2 * notes;
    cells[at] = cell;
    cells[at + 1] = cells[cell]!;
    store(cells, NOTES, notes + 1);
    cells[cell] = value;
  }

  /** Keeps the changes that were made so far. */
  commit(): void {
    store(this.#cells, NOTES, 0);
  }

  /** Takes the mutex. What a dead holder had begun is undone. */
  lock(): void {
    this.#mutex.lock(Infinity);
  }

  /** Gives the mutex back. */
  unlock(): void {
    this.#mutex.unlock();
  }

  #undo(): void {
    const cells = this.#cells;
    // A thread that dies here leaves the rest to the next one: to restore a cell twice is harmless.
    for (let notes = Math.min(cells[NOTES]!, MOST_NOTES); notes > 0; notes--) {
      const at = FIRST_NOTE + 2 * (notes - 1);
      cells[cells[at]!] = cells[at + 1]!;
      store(cells, NOTES, notes - 1);
    }
  }
}
