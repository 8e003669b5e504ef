/**
 * The order of records in a shared queue, and a last-in, first-out order.
 *
 * @module
 */

import { FIRST, LEFT, notesOf, type Region } from "./region.ts";
import type { SharedItem } from "./item.ts";

/** An order of records, kept in the queue's memory. The death of a thread may corrupt it; it is then rebuilt. */
export interface SharedOrder {
  /** Finds the place for an item before it is added. Throws if the item cannot be ordered. */
  find?(item: SharedItem): void;
  /** Adds a record at the place found last. */
  add(record: number): void;
  /** The next record; 0 if there is none. */
  first(): number;
  /** Removes the next record. */
  removeFirst(): void;
  /** Adds records, in order of arrival, to an empty order. */
  rebuild(records: readonly number[]): void;
}

/** Last in, first out: a stack. */
export class SharedLifo implements SharedOrder {
  readonly #cells: Int32Array;

  constructor({ cells }: Region) {
    this.#cells = cells;
  }

  add(record: number): void {
    this.#cells[notesOf(record) + LEFT] = this.#cells[FIRST]!;
    this.#cells[FIRST] = record;
  }

  first(): number {
    return this.#cells[FIRST]!;
  }

  removeFirst(): void {
    this.#cells[FIRST] = this.#cells[notesOf(this.#cells[FIRST]!) + LEFT]!;
  }

  rebuild(records: readonly number[]): void {
    for (const record of records) this.add(record);
  }
}
