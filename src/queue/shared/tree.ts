/**
 * The order of records in a shared queue by priority: a search tree.
 *
 * @module
 */

import { compareNaturally } from "../natural_order.ts";
import { NUMBER, OTHER, type SharedItem } from "./item.ts";
import type { SharedOrder } from "./order.ts";
import { FIRST, KEY, KIND, LEFT, notesOf, numbersOf, type Region, RIGHT } from "./region.ts";

/**
 * A treap: a search tree balanced by random weights. Each record's weight is derived from its place in memory, and no
 * record has a heavier one below it (Seidel and Aragon, 1996).
 *
 * A heap is the tempting alternative. But a heap compares a new item with only a few others, so whether an incomparable
 * item is refused would depend on chance. A search in a tree ends between the item's neighbours.
 */
export class SharedTree implements SharedOrder {
  readonly #cells: Int32Array;
  readonly #numbers: Float64Array;
  readonly #read: (record: number) => unknown;
  /** The records on the path to the place that was found, and the side taken at each. */
  readonly #path: number[] = [];
  readonly #sides: number[] = [];
  #depth = 0;

  /** @param read decodes the item of a record. */
  constructor({ cells, numbers }: Region, read: (record: number) => unknown) {
    this.#cells = cells;
    this.#numbers = numbers;
    this.#read = read;
  }

  find(item: SharedItem): void {
    let copy: { value: unknown } | undefined;
    this.#find(item.kind, item.key, () => (copy ??= { value: item.decode() }).value);
  }

  add(record: number): void {
    const cells = this.#cells;
    const own = notesOf(record);
    cells[own + LEFT] = cells[own + RIGHT] = 0;
    let depth = this.#depth;
    this.#hang(depth, record);
    const weight = weightOf(record);
    for (; depth > 0; depth--) {
      const above = this.#path[depth - 1]!;
      if (weightOf(above) >= weight) return;
      // The subtree between the two moves to the record that sinks.
      const side = this.#sides[depth - 1]!;
      const other = side === LEFT ? RIGHT : LEFT;
      cells[notesOf(above) + side] = cells[own + other]!;
      cells[own + other] = above;
      this.#hang(depth - 1, record);
    }
  }

  first(): number {
    const cells = this.#cells;
    let record = cells[FIRST]!;
    if (record === 0) return 0;
    for (let left = cells[notesOf(record) + LEFT]!; left !== 0; left = cells[notesOf(record) + LEFT]!) record = left;
    return record;
  }

  removeFirst(): void {
    const cells = this.#cells;
    let link = FIRST;
    let notes = notesOf(cells[link]!);
    while (cells[notes + LEFT] !== 0) {
      link = notes + LEFT;
      notes = notesOf(cells[link]!);
    }
    cells[link] = cells[notes + RIGHT]!;
  }

  rebuild(records: readonly number[]): void {
    for (const record of records) {
      const item = () => this.#read(record);
      this.#find(this.#cells[notesOf(record) + KIND]!, this.#numbers[numbersOf(record) + KEY]!, item);
      this.add(record);
    }
  }

  #find(kind: number, key: number, item: () => unknown): void {
    const cells = this.#cells;
    let depth = 0;
    for (let record = cells[FIRST]!; record !== 0;) {
      // Equal items go behind.
      const side = this.#isBelow(kind, key, item, record) ? LEFT : RIGHT;
      this.#path[depth] = record;
      this.#sides[depth++] = side;
      record = cells[notesOf(record) + side]!;
    }
    this.#depth = depth;
  }

  #hang(depth: number, record: number): void {
    if (depth === 0) this.#cells[FIRST] = record;
    else this.#cells[notesOf(this.#path[depth - 1]!) + this.#sides[depth - 1]!] = record;
  }

  /** Whether an item comes before a record. */
  #isBelow(kind: number, key: number, item: () => unknown, record: number): boolean {
    if (kind !== OTHER && kind === this.#cells[notesOf(record) + KIND]) {
      const other = this.#numbers[numbersOf(record) + KEY]!;
      if (key !== other || kind === NUMBER) return key < other;
    }
    return compareNaturally(this.#read(record), item()) > 0;
  }
}

/** Scatters adjacent numbers (the finalizer of MurmurHash3; Appleby, 2011). */
function weightOf(record: number): number {
  let mixed = Math.imul(record ^ (record >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
