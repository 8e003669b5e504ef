/**
 * Which record of a shared queue is next: the newest.
 *
 * @module
 */

import { FIRST, LEFT, notesOf, type Region } from "./shared_region.ts";
import type { SharedItem } from "./shared_item.ts";

/** An order of records, kept in the memory of the queue. It may be broken by the death of a thread, and is then rebuilt. */
export interface SharedOrder {
  /** Finds the place of an item that is about to be added; throws if it has none. */
  find?(item: SharedItem): void;
  /** Adds a record, at the place that was found last. */
  add(record: number): void;
  /** The next one; 0 if there is none. */
  first(): number;
  /** Removes the next one. */
  removeFirst(): void;
  /** Adds records, in the order of their arrival, to one that is empty. */
  rebuild(records: readonly number[]): void;
}

/** The newest is next: a stack. */
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
