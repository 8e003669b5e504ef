/**
 * The items of a shared queue: what all threads see.
 *
 * `README.md` beside this file explains how they survive the threads.
 *
 * @module
 */

import { load, store } from "../core/cell.ts";
import { deaths } from "../core/thread_table.ts";
import { decodeItem, type SharedItem } from "./shared_item.ts";
import { Ledger } from "./shared_ledger.ts";
import { Mutex } from "./shared_mutex.ts";
import type { SharedOrder } from "./shared_order.ts";
import { Pieces } from "./shared_pieces.ts";
import {
  COUNT,
  FIRST,
  FREE_COUNT,
  KEY,
  KIND,
  LAST,
  LOST,
  MUTEX,
  NEXT_SEQUENCE,
  notesOf,
  numbersOf,
  PIECES,
  type Region,
  REPORTED,
  SEQUENCE,
  SHUT,
  SIZE,
  STATE,
  UNFINISHED,
  USED,
} from "./shared_region.ts";

/** How long a thread waits for the lock before it does something else, in milliseconds; longer if it has nothing else. */
const PATIENCE = 20, LONG_PATIENCE = 1_000;
/** Memory of this size is kept for reading; more is made when it is needed. */
const SCRATCH = 16 * 1024;

/** There is nothing to take; what was taken can be undefined. */
export const NONE: unique symbol = Symbol("none");
/** The lock could not be had in time: its holder is kept from going on, or has died and nobody has been told yet. */
export const BUSY: unique symbol = Symbol("busy");

/** The items of one queue. */
export class SharedStore {
  readonly #cells: Int32Array;
  readonly #numbers: Float64Array;
  readonly #room: number;
  readonly #pieces: Pieces;
  readonly #ledger: Ledger;
  readonly #mutex: Mutex;
  readonly #scratch = new Uint8Array(SCRATCH);
  #order: SharedOrder;
  /** Whether something is half done: true after an exception only. */
  #dirty = false;
  /** How many threads had died when it last cleaned up. Those of before it knew the queue count too. */
  #deaths = 0;

  constructor(region: Region, makeOrder: (store: SharedStore, region: Region) => SharedOrder) {
    this.#cells = region.cells;
    this.#numbers = region.numbers;
    this.#room = region.maxSize > 0 ? region.maxSize : Infinity;
    this.#pieces = new Pieces(region);
    this.#ledger = new Ledger(region);
    this.#mutex = new Mutex(region.cells, MUTEX, () => this.#repair());
    this.#order = makeOrder(this, region);
  }

  /** How many items there are. */
  get count(): number {
    return load(this.#cells, COUNT);
  }

  get isShut(): boolean {
    return load(this.#cells, SHUT) !== 0;
  }

  /** How many items are not done. */
  get unfinished(): number {
    return this.#numbers[UNFINISHED]!;
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

  /** Whether there is room for so many bytes. Stale when read. */
  hasRoom(size: number): boolean {
    const cells = this.#cells;
    return load(cells, COUNT) < this.#room && load(cells, FREE_COUNT) >= this.#pieces.countFor(size);
  }

  /** Adds an item if there is room; returns whether it did. Throws if it has no place in the order. */
  add(item: SharedItem): boolean {
    if (!this.#mutex.lock(PATIENCE)) return false;
    try {
      if (this.isShut) return false;
      this.#order.find?.(item);
      if (!this.hasRoom(item.size)) return false;
      this.#dirty = true;
      this.#add(item);
      this.#dirty = false;
      return true;
    } finally {
      this.#unlock();
    }
  }

  /** Takes the next item; NONE if there is none. */
  take(): unknown {
    if (load(this.#cells, COUNT) === 0) return NONE;
    // Before there is more that the dead could have had.
    this.mend();
    if (!this.#mutex.lock(PATIENCE)) return BUSY;
    let bytes = this.#scratch;
    let size: number;
    try {
      const record = this.#order.first();
      if (record === 0) return NONE;
      size = this.#cells[notesOf(record) + SIZE]!;
      if (size > SCRATCH) bytes = new Uint8Array(size);
      const number = size === 0 ? this.#numbers[numbersOf(record) + KEY]! : undefined;
      if (size !== 0) this.#pieces.read(record, bytes);
      this.#dirty = true;
      this.#ledger.takeOut(record);
      this.#remove(record);
      this.#dirty = false;
      if (size === 0) return number;
    } finally {
      this.#unlock();
    }
    return decodeItem(bytes, 0, size);
  }

  /** An item is done; returns whether there was one that was not. */
  finish(): boolean | typeof BUSY {
    return this.#locked(() => this.#ledger.finish());
  }

  /** Items that were taken are lost: somebody had them who is not a thread. */
  lose(count: number): void | typeof BUSY {
    return this.#locked(() => this.#ledger.lose(count));
  }

  /** Lets nothing in any more; discards what is there if that is wanted. */
  shut(immediate: boolean): void | typeof BUSY {
    return this.#locked(() => {
      store(this.#cells, SHUT, 1);
      for (let record = this.#order.first(); immediate && record !== 0; record = this.#order.first()) {
        this.#ledger.discard(record);
        this.#remove(record);
      }
    });
  }

  /** Cleans up behind threads that have died since the last time; returns whether that was to be done. */
  mend(): boolean {
    const count = deaths();
    if (count === this.#deaths || !this.#mutex.lock(PATIENCE)) return false;
    try {
      this.#dirty = true;
      this.#ledger.clear();
      this.#deaths = count;
      this.#dirty = false;
    } finally {
      this.#unlock();
    }
    return true;
  }

  /** Makes the item of a record, with the lock held. */
  read(record: number): unknown {
    const size = this.#cells[notesOf(record) + SIZE]!;
    if (size === 0) return this.#numbers[numbersOf(record) + KEY]!;
    const bytes = size > SCRATCH ? new Uint8Array(size) : this.#scratch;
    this.#pieces.read(record, bytes);
    return decodeItem(bytes, 0, size);
  }

  #add({ packet: { bytes, start, end }, kind, key }: SharedItem): void {
    const record = this.#pieces.write(bytes, start, end);
    const numbers = this.#numbers;
    const own = numbersOf(record);
    numbers[own + SEQUENCE] = numbers[NEXT_SEQUENCE]!;
    numbers[NEXT_SEQUENCE]!++;
    numbers[own + KEY] = key;
    this.#cells[notesOf(record) + KIND] = kind;
    this.#ledger.putIn(record);
    this.#order.add(record);
    store(this.#cells, COUNT, this.#cells[COUNT]! + 1);
  }

  #remove(record: number): void {
    this.#order.removeFirst();
    this.#pieces.free(record);
    store(this.#cells, COUNT, this.#cells[COUNT]! - 1);
  }

  /** Does what must be done. Only this thread may be able to tell that the lock's holder has died, so it has to go on. */
  #locked<R>(fn: () => R): R | typeof BUSY {
    if (!this.#mutex.lock(LONG_PATIENCE)) return BUSY;
    try {
      this.#dirty = true;
      const result = fn();
      this.#dirty = false;
      return result;
    } finally {
      this.#unlock();
    }
  }

  #unlock(): void {
    // An exception in the middle leaves what a death would.
    if (this.#dirty) this.#repair();
    this.#mutex.unlock();
  }

  /** Puts in order what somebody has left half done: everything but the ledger can be found out again. */
  #repair(): void {
    this.#ledger.redo();
    const cells = this.#cells;
    const records: number[] = [];
    for (let record = cells[USED]!; record > 0; record--) {
      if (cells[notesOf(record) + STATE] === 1) records.push(record);
    }
    const cameAt = (record: number) => this.#numbers[numbersOf(record) + SEQUENCE]!;
    records.sort((a, b) => cameAt(a) - cameAt(b));
    this.#pieces.keepOnly(records, cells[PIECES]!);
    const latest = records.at(-1);
    if (latest !== undefined) {
      this.#numbers[NEXT_SEQUENCE] = Math.max(this.#numbers[NEXT_SEQUENCE]!, cameAt(latest) + 1);
    }
    cells[FIRST] = cells[LAST] = 0;
    this.#order.rebuild(records);
    store(cells, COUNT, records.length);
    this.#dirty = false;
  }
}
