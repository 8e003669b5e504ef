/**
 * What was taken from a shared queue and what of it is done, and the lock that this needs.
 *
 * @module
 */

import { load, store } from "../core/cell.ts";
import { deaths } from "../core/thread_table.ts";
import { Ledger } from "./shared_ledger.ts";
import { Mutex } from "./shared_mutex.ts";
import { LOST, MUTEX, type Region, REPORTED } from "./shared_region.ts";
import { BUSY, LONG_PATIENCE, PATIENCE } from "./shared_store.ts";

/** The account of one queue. */
export class Account {
  readonly ledger: Ledger;
  /** Whether something is half done: with the lock held, and after an exception until it is given back. */
  dirty = false;
  readonly #cells: Int32Array;
  readonly #mutex: Mutex;
  readonly #repair: () => void;
  /** How many threads had died when it last cleaned up. Those of before it knew the queue count too. */
  #deaths = 0;

  /**
   * @param inside tells how many items are in the queue.
   * @param repair puts in order what somebody left half done, with the lock held.
   */
  constructor(region: Region, inside: () => number, repair: () => void) {
    this.#cells = region.cells;
    this.ledger = new Ledger(region, inside);
    this.#repair = () => {
      this.ledger.redo();
      repair();
      this.dirty = false;
    };
    this.#mutex = new Mutex(region.cells, MUTEX, this.#repair);
  }

  /** How many items are not done. */
  get unfinished(): number {
    return this.ledger.unfinished;
  }

  /** How many items were lost so far, modulo 2^32. */
  get lost(): number {
    return load(this.#cells, LOST);
  }

  /** Returns how many were lost and not reported, and takes them for reported. */
  report(): number {
    const { lost } = this;
    const count = (lost - load(this.#cells, REPORTED)) | 0;
    if (count !== 0) store(this.#cells, REPORTED, lost);
    return count;
  }

  /** An item is done; returns whether there was one that was not. */
  finish(): boolean | typeof BUSY {
    return this.change(() => this.ledger.finish());
  }

  /** Items that were taken are lost: somebody had them who is not a thread. */
  lose(count: number): void | typeof BUSY {
    return this.change(() => this.ledger.lose(count));
  }

  /** Cleans up behind threads that have died since the last time; returns whether that was to be done. */
  mend(): boolean {
    const count = deaths();
    if (count === this.#deaths) return false;
    const done = this.change(() => {
      this.ledger.clear();
      this.#deaths = count;
    }, PATIENCE);
    return done !== BUSY;
  }

  /** Does what must be done. Only this thread may be able to tell that the lock's holder has died, so it has to go on. */
  change<R>(fn: () => R, limit: number = LONG_PATIENCE): R | typeof BUSY {
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

  /** Takes the lock; false if that takes longer than `limit` milliseconds. */
  lock(limit: number): boolean {
    return this.#mutex.lock(limit);
  }

  /** Gives it back. */
  unlock(): void {
    // An exception in the middle leaves what a death would.
    if (this.dirty) this.#repair();
    this.#mutex.unlock();
  }
}
