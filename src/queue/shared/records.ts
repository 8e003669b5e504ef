/**
 * The items of a shared queue with its own order, as records.
 *
 * `README.md` beside this file explains how the records survive the death of a thread.
 *
 * @module
 */

import { load, peek, store } from "../../core/cell.ts";
import { Accounting, BUSY, SPIN } from "./accounting.ts";
import { decodeItem, type SharedItem } from "./item.ts";
import type { SharedOrder } from "./order.ts";
import { Pieces } from "./pieces.ts";
import {
  COUNT,
  FIRST,
  FREE_COUNT,
  KEY,
  KIND,
  notesOf,
  numbersOf,
  PIECES,
  PUTS,
  type Region,
  SEQUENCE,
  SHUT,
  SIZE,
  STATE,
  USED,
} from "./region.ts";
import { NONE, SCRATCH, type SharedStore } from "./store.ts";

/** Items with an order of their own: records in pieces, under one lock. */
export class SharedRecords implements SharedStore {
  readonly accounting: Accounting;
  readonly #cells: Int32Array;
  readonly #numbers: Float64Array;
  readonly #room: number;
  readonly #pieces: Pieces;
  readonly #order: SharedOrder;
  readonly #scratch = new Uint8Array(SCRATCH);

  constructor(region: Region, makeOrder: (records: SharedRecords, region: Region) => SharedOrder) {
    this.#cells = region.cells;
    this.#numbers = region.numbers;
    this.#room = region.maxSize > 0 ? region.maxSize : Infinity;
    this.#pieces = new Pieces(region);
    this.accounting = new Accounting(region, () => this.count, () => this.#repair());
    this.#order = makeOrder(this, region);
  }

  get count(): number {
    return load(this.#cells, COUNT);
  }

  get mayHaveItems(): boolean {
    return peek(this.#cells, COUNT) > 0;
  }

  hasRoom(size: number): boolean {
    const cells = this.#cells;
    return peek(cells, COUNT) < this.#room && peek(cells, FREE_COUNT) >= this.#pieces.countFor(size);
  }

  add(item: SharedItem): boolean {
    const { accounting } = this;
    if (!accounting.lock(SPIN)) return false;
    try {
      if (this.#cells[SHUT] !== 0) return false;
      this.#order.find?.(item);
      if (!this.hasRoom(item.size)) return false;
      accounting.dirty = true;
      this.#add(item);
      accounting.dirty = false;
      return true;
    } finally {
      accounting.unlock();
    }
  }

  take(): unknown {
    if (this.count === 0) return NONE;
    // Recover first: each take raises the bound on how many items the dead can have lost.
    this.recover();
    const { accounting } = this;
    if (!accounting.lock(SPIN)) return BUSY;
    let bytes = this.#scratch;
    let size: number;
    try {
      const record = this.#order.first();
      if (record === 0) return NONE;
      size = this.#cells[notesOf(record) + SIZE]!;
      if (size > SCRATCH) bytes = new Uint8Array(size);
      const number = size === 0 ? this.#numbers[numbersOf(record) + KEY]! : undefined;
      if (size !== 0) this.#pieces.read(record, bytes);
      accounting.dirty = true;
      accounting.journal.takeOut([notesOf(record) + STATE, 0]);
      this.#remove(record);
      accounting.dirty = false;
      if (size === 0) return number;
    } finally {
      accounting.unlock();
    }
    return decodeItem(bytes, 0, size);
  }

  shut(immediate: boolean): void | typeof BUSY {
    return this.accounting.change(() => {
      store(this.#cells, SHUT, 1);
      for (let record = this.#order.first(); immediate && record !== 0; record = this.#order.first()) {
        this.accounting.journal.discard(1, [[notesOf(record) + STATE, 0]]);
        this.#remove(record);
      }
    });
  }

  recover(): boolean {
    return this.accounting.recover();
  }

  /** Decodes the item of a record, with the lock held. */
  read(record: number): unknown {
    const size = this.#cells[notesOf(record) + SIZE]!;
    if (size === 0) return this.#numbers[numbersOf(record) + KEY]!;
    const bytes = size > SCRATCH ? new Uint8Array(size) : this.#scratch;
    this.#pieces.read(record, bytes);
    return decodeItem(bytes, 0, size);
  }

  #add({ packet: { bytes, start, end }, kind, key }: SharedItem): void {
    const record = this.#pieces.write(bytes, start, end);
    const own = numbersOf(record);
    this.#numbers[own + SEQUENCE] = this.#numbers[PUTS]!;
    this.#numbers[own + KEY] = key;
    this.#cells[notesOf(record) + KIND] = kind;
    this.accounting.journal.putIn([notesOf(record) + STATE, 1]);
    this.#order.add(record);
    store(this.#cells, COUNT, this.#cells[COUNT]! + 1);
  }

  #remove(record: number): void {
    this.#order.removeFirst();
    this.#pieces.free(record);
    store(this.#cells, COUNT, this.#cells[COUNT]! - 1);
  }

  /** Rebuilds everything except the journal. */
  #repair(): void {
    const cells = this.#cells;
    const records: number[] = [];
    for (let record = cells[USED]!; record > 0; record--) {
      if (cells[notesOf(record) + STATE] === 1) records.push(record);
    }
    const cameAt = (record: number) => this.#numbers[numbersOf(record) + SEQUENCE]!;
    records.sort((a, b) => cameAt(a) - cameAt(b));
    this.#pieces.keepOnly(records, cells[PIECES]!);
    cells[FIRST] = 0;
    this.#order.rebuild(records);
    store(cells, COUNT, records.length);
  }
}
