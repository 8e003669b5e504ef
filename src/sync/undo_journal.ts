/**
 * Changes of shared memory that happen as a whole, even if the thread that makes them dies.
 *
 * @module
 */

import { compareExchange, exchange, load, notifyAll, peek, store, waitSync } from "../core/cell.ts";
import { checkAlive, currentIdent, isDead } from "../core/thread_table.ts";

/** The cells: the holder of the mutex, with a bit for sleepers; and how many notes there are. */
const MUTEX = 0, NOTES = 1;
/** The notes: a cell and the value it had. No change needs more than half of them. */
const FIRST_NOTE = 16, MOST_NOTES = 48;
/** The cells from 2 to 15, and those from here on, belong to the user of the journal. */
export const JOURNAL_END = 128;

const HOLDER = 0xffff, SLEEPERS = 0x10000;
/** How often a thread looks at the mutex before it sleeps, and for how many milliseconds it sleeps at most. */
const LOOKS = 500, SLICE = 5;

/** A mutex, and notes of what cells were before the change that is being made under it. */
export class UndoJournal {
  readonly #cells: Int32Array;

  constructor(cells: Int32Array) {
    this.#cells = cells;
  }

  /** Calls a function that changes the memory: with all that it sets, or with nothing of it if it throws or the thread dies. */
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

  /** What was set so far stays. */
  commit(): void {
    store(this.#cells, NOTES, 0);
  }

  /** Takes the mutex. What a dead holder had begun is undone. */
  lock(): void {
    checkAlive();
    const cells = this.#cells;
    const me = currentIdent();
    if (compareExchange(cells, MUTEX, 0, me) === 0) return;
    for (let looks = LOOKS; looks > 0; looks--) {
      if (peek(cells, MUTEX) === 0 && compareExchange(cells, MUTEX, 0, me) === 0) return;
    }
    for (;;) {
      checkAlive();
      const held = load(cells, MUTEX);
      const holder = held & HOLDER;
      if (holder === 0 || holder === me || isDead(holder)) {
        // Others may sleep: a thread that has slept does not know.
        if (compareExchange(cells, MUTEX, held, me | SLEEPERS) !== held) continue;
        this.#undo();
        return;
      }
      if (held <= HOLDER && compareExchange(cells, MUTEX, held, held | SLEEPERS) !== held) continue;
      waitSync(cells, MUTEX, held | SLEEPERS, SLICE);
    }
  }

  /** Gives the mutex back. */
  unlock(): void {
    if (exchange(this.#cells, MUTEX, 0) > HOLDER) notifyAll(this.#cells, MUTEX);
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
