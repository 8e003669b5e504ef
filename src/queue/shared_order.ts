/**
 * Which record of a shared queue is next: by arrival.
 *
 * @module
 */

import { FIRST, LAST, LEFT, notesOf, type Region } from "./shared_region.ts";
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

/** The oldest is next: a list. */
export class SharedFifo implements SharedOrder {
  readonly #cells: Int32Array;

  constructor({ cells }: Region) {
    this.#cells = cells;
  }

  add(record: number): void {
    const cells = this.#cells;
    cells[notesOf(record) + LEFT] = 0;
    const last = cells[LAST]!;
    if (last === 0) cells[FIRST] = record;
    else cells[notesOf(last) + LEFT] = record;
    cells[LAST] = record;
  }

  first(): number {
    return this.#cells[FIRST]!;
  }

  removeFirst(): void {
    const cells = this.#cells;
    const next = cells[notesOf(cells[FIRST]!) + LEFT]!;
    cells[FIRST] = next;
    if (next === 0) cells[LAST] = 0;
  }

  rebuild(records: readonly number[]): void {
    for (const record of records) this.add(record);
  }
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
