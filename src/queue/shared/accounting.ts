/**
 * The accounting of a shared queue: which items were taken and which are done, with the lock that protects both.
 *
 * @module
 */

import { load, store } from "../../core/cell.ts";
import { deaths } from "../../core/thread_table.ts";
import { Journal } from "./journal.ts";
import { Mutex } from "../../sync/mutex.ts";
import { LOST, MUTEX, type Region, REPORTED } from "./region.ts";

/** Lock timeouts in milliseconds: the usual one, and one for mandatory changes. */
export const SPIN = 20, LONG_SPIN = 1_000;
/** The lock timed out: its holder is delayed, or has died and this is not known yet. */
export const BUSY: unique symbol = Symbol("busy");

/** The accounting of one queue. */
export class Accounting {
  readonly journal: Journal;
  /** Whether a change is incomplete: true while the lock is held, and after an exception until the lock is released. */
  dirty = false;
  readonly #cells: Int32Array;
  readonly #mutex: Mutex;
  readonly #repair: () => void;
  /**
   * The number of dead threads at the last recovery. Starts at 0, as threads that died earlier may have used the queue.
   */
  #deaths = 0;

  /**
   * @param inside returns the number of items in the queue.
   * @param repair repairs an incomplete change, with the lock held.
   */
  constructor(region: Region, inside: () => number, repair: () => void) {
    this.#cells = region.cells;
    this.journal = new Journal(region, inside);
    this.#repair = () => {
      this.journal.redo();
      repair();
      this.dirty = false;
    };
    this.#mutex = new Mutex(region.cells, MUTEX, this.#repair);
  }

  /** The number of items that are not done. */
  get unfinished(): number {
    return this.journal.unfinished;
  }

  /** The number of items lost so far, modulo 2^32. */
  get lost(): number {
    return load(this.#cells, LOST);
  }

  /** Returns the number of lost items that were not reported, and marks them as reported. */
  report(): number {
    const { lost } = this;
    const count = (lost - load(this.#cells, REPORTED)) | 0;
    if (count !== 0) store(this.#cells, REPORTED, lost);
    return count;
  }

  /** Marks one item as done; returns whether there was an unfinished item. */
  finish(): boolean | typeof BUSY {
    return this.change(() => this.journal.finish());
  }

  /** Counts taken items as lost: those of a taker that is not a thread. */
  lose(count: number): void | typeof BUSY {
    return this.change(() => this.journal.lose(count));
  }

  /** Recovers what threads held that have died since the last call; returns whether there was anything to recover. */
  recover(): boolean {
    const count = deaths();
    if (count === this.#deaths) return false;
    const done = this.change(() => {
      this.journal.clear();
      this.#deaths = count;
    }, SPIN);
    return done !== BUSY;
  }

  /**
   * Makes a mandatory change, or returns BUSY after a long time limit. Waiting without a limit is tempting, but only
   * this thread's loop may be able to learn that the lock's holder has died.
   */
  change<R>(fn: () => R, limit: number = LONG_SPIN): R | typeof BUSY {
    if (!this.lock(limit)) return BUSY;
    try {
      this.dirty = true;
      const result = fn();
      this.dirty = false;
      return result;
    } finally {
      this.unlock();
    }
  }

  /** Acquires the lock. Returns false if that takes longer than `limit` milliseconds. */
  lock(limit: number): boolean {
    return this.#mutex.lock(limit);
  }

  /** Releases the lock. */
  unlock(): void {
    // An exception leaves the same state as a death.
    if (this.dirty) this.#repair();
    this.#mutex.unlock();
  }
}
