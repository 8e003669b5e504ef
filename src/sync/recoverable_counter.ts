/**
 * A recoverable counter: a count in shared memory, with the share of each thread.
 *
 * The count and a share cannot change in one atomic step, and a thread may be terminated at any moment. Changing one
 * after the other is tempting. But a thread terminated in between leaks a permit; on Node this happened to one in five
 * threads that were terminated while they did little else. Therefore a change is first written down, and takes effect
 * in one step that replaces the count with a mark naming the change. Any thread that finds a mark completes the change,
 * so no thread waits for another. (Harris, Fraser and Pratt, A practical multi-word compare-and-swap operation, 2002,
 * use the same descriptors.)
 *
 * @module
 */

import { compareExchange, load, store } from "../core/cell.ts";
import { currentIdent, MAIN_IDENT } from "../core/thread_table.ts";
import { slotCells, ThreadSlots } from "./thread_slots.ts";

/** Threads beyond this number can still change the count, but their shares are not recovered. */
const SLOT_COUNT = 64;
/** Cell offsets after the share: next share, next count, committed change, applied change. */
const NEXT_PART = 1, NEXT_COUNT = 2, DECIDED = 3, MADE = 4;
/** Cells per slot for all of these. */
const WIDTH = 5;
/** A mark is a negative count; it holds the number of the slot and, in its lower bits, the number of the change. */
const MARK = 1 << 31, CHANGES = 0xffffff, SLOT_SHIFT = 24;
const NO_SLOT = -1;

/** Cells needed for a counter: the count, then the thread slots. */
export const COUNTER_CELLS: number = 1 + slotCells(SLOT_COUNT, WIDTH);

/**
 * A non-negative count from which threads take shares, or to which they add them. The shares of dead threads are
 * undone.
 */
export class RecoverableCounter {
  readonly #cells: Int32Array;
  readonly #at: number;
  readonly #sign: 1 | -1;
  readonly #threadSlots: ThreadSlots;
  /** Whether other threads know the counter. Until then, plain memory access is safe. */
  #shared = false;
  /** This thread's share until the counter is shared. */
  #part = 0;
  /** The cell of this thread's share. */
  #slot = NO_SLOT;

  /**
   * @param at the cell of the count, which is the first of the counter.
   * @param sign 1 if shares are added to the count, -1 if they are taken from it.
   */
  constructor(cells: Int32Array, at: number, sign: 1 | -1) {
    this.#cells = cells;
    this.#at = at;
    this.#sign = sign;
    this.#threadSlots = new ThreadSlots(cells, at + 1, SLOT_COUNT, WIDTH);
  }

  /** The count. */
  get count(): number {
    for (;;) {
      const count = load(this.#cells, this.#at);
      if (count >= 0) return count;
      this.#help(count);
    }
  }

  /**
   * Called before other threads get access to the counter: publishes this thread's share. The main thread needs no
   * slot, because the process ends with it.
   */
  share(): void {
    this.#shared = true;
    if (this.#slot !== NO_SLOT || currentIdent() === MAIN_IDENT) return;
    const slot = this.#threadSlots.own();
    if (slot === NO_SLOT) return;
    this.#slot = slot;
    this.#cells[slot] = this.#part;
  }

  /** Adds to the count and to this thread's share. Returns false if the count would leave its bounds. */
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
    if (this.#slot !== NO_SLOT) return this.#changeFor(this.#slot, by, lowest, highest);
    for (;;) {
      const count = this.count;
      if (count + by < lowest || count + by > highest) return false;
      if (this.replace(count, count + by)) return true;
    }
  }

  /** Replaces one count with another; the shares do not change. */
  replace(count: number, next: number): boolean {
    return compareExchange(this.#cells, this.#at, count, next) === count;
  }

  /** Undoes the shares of dead threads, within the bound; returns whether there were any. */
  clear(highest: number): boolean {
    let found = false;
    this.#threadSlots.clear((slot) => {
      this.#settle(slot);
      const part = this.#cells[slot]!;
      if (part === 0) return;
      found = true;
      this.#undo(slot, part, highest);
    });
    return found;
  }

  /** Undoes a share as far as the bounds allow: other threads may already have given back part of it. */
  #undo(slot: number, part: number, highest: number): void {
    for (;;) {
      const { count } = this;
      const room = Math.min(part, this.#sign < 0 ? highest - count : count);
      if (room <= 0 || this.#changeFor(slot, -this.#sign * room, 0, highest) || this.count === count) return;
    }
  }

  #changeFor(slot: number, by: number, lowest: number, highest: number): boolean {
    const cells = this.#cells;
    const at = this.#at;
    const change = (cells[slot + MADE]! + 1) & CHANGES;
    const mark = MARK | this.#threadSlots.numberOf(slot) << SLOT_SHIFT | change;
    const part = cells[slot]! + this.#sign * by;
    // This thread may give back what another thread took, so its share stops at 0.
    cells[slot + NEXT_PART] = part > 0 ? part : 0;
    let next: number;
    for (;;) {
      const count = this.count;
      next = count + by;
      if (next < lowest || next > highest) return false;
      cells[slot + NEXT_COUNT] = next;
      if (compareExchange(cells, at, count, mark) === count) break;
    }
    store(cells, slot + DECIDED, change);
    compareExchange(cells, at, mark, next);
    this.#make(slot, change);
    return true;
  }

  /** Completes the change of a mark. Has no effect if the change is already complete, as marks are not reused. */
  #help(mark: number): void {
    const change = mark & CHANGES;
    const slot = this.#threadSlots.cellOf(mark >>> SLOT_SHIFT & 0x7f);
    const next = load(this.#cells, slot + NEXT_COUNT);
    compareExchange(this.#cells, slot + DECIDED, (change - 1) & CHANGES, change);
    compareExchange(this.#cells, this.#at, mark, next);
  }

  /** Applies a dead thread's change if it was committed. */
  #settle(slot: number): void {
    const cells = this.#cells;
    // Completes a pending change.
    void this.count;
    const change = load(cells, slot + DECIDED);
    if (change !== load(cells, slot + MADE)) this.#make(slot, change);
  }

  /** Writes the share of a committed change. Repeating this is harmless. */
  #make(slot: number, change: number): void {
    this.#cells[slot] = this.#cells[slot + NEXT_PART]!;
    store(this.#cells, slot + MADE, change);
  }
}
