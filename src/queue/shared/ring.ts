/**
 * The items of a first-in, first-out shared queue: a ring buffer.
 *
 * `README.md` beside this file explains how the ring survives the death of a thread.
 *
 * @module
 */

import { load, peek, store } from "../../core/cell.ts";
import { Accounting, BUSY, LONG_SPIN, SPIN } from "./accounting.ts";
import { copyIn, copyOut } from "./bytes.ts";
import { decodeItem, type SharedItem } from "./item.ts";
import { Mutex } from "../../sync/mutex.ts";
import {
  FOUND_TAIL,
  HEAD,
  NEXT_BALANCE,
  NEXT_TAKES,
  PIECES,
  piecesFor,
  PUT_MUTEX,
  PUTS,
  PUTS_BEFORE,
  type Region,
  SEEN_HEAD,
  SEEN_TAIL,
  SEEN_TAKES,
  SETTLED,
  SHUT,
  SLOT_NUMBER,
  SLOT_SIZE,
  slotOf,
  TAIL,
  TAKER,
  TAKES,
} from "./region.ts";
import { NONE, SCRATCH, type SharedStore } from "./store.ts";

/**
 * A ring buffer of pieces. Putters and getters have one lock each, so they do not wait for each other. Head and tail
 * are piece indexes that run to twice the number of pieces, which distinguishes a full ring from an empty one.
 */
export class SharedRing implements SharedStore {
  readonly accounting: Accounting;
  readonly #region: Region;
  readonly #cells: Int32Array;
  readonly #numbers: Float64Array;
  readonly #pieces: number;
  readonly #room: number;
  readonly #putMutex: Mutex;
  readonly #scratch = new Uint8Array(SCRATCH);

  constructor(region: Region) {
    this.#region = region;
    this.#cells = region.cells;
    this.#numbers = region.numbers;
    this.#pieces = region.cells[PIECES]!;
    this.#room = region.maxSize > 0 ? region.maxSize : Infinity;
    this.accounting = new Accounting(region, () => this.count, () => this.#settle());
    this.#putMutex = new Mutex(region.cells, PUT_MUTEX, () => this.#takeBack());
  }

  get count(): number {
    // The order of the reads matters: every taken item was put before.
    const takes = this.#numbers[TAKES]!;
    return this.#numbers[PUTS]! - takes;
  }

  get mayHaveItems(): boolean {
    return peek(this.#cells, TAIL) !== peek(this.#cells, HEAD);
  }

  hasRoom(size: number): boolean {
    const used = this.#used(peek(this.#cells, HEAD), peek(this.#cells, TAIL));
    return this.count < this.#room && used + this.#countFor(size) <= this.#pieces;
  }

  add(item: SharedItem): boolean {
    if (!this.#putMutex.lock(SPIN)) return false;
    try {
      const cells = this.#cells;
      const tail = cells[TAIL]!;
      const count = this.#countFor(item.size);
      if (cells[SHUT] !== 0 || !this.#hasRoomAt(tail, count)) return false;
      this.#write(item, this.#pieceAt(tail));
      const numbers = this.#numbers;
      numbers[PUTS_BEFORE] = numbers[PUTS]!;
      cells[FOUND_TAIL] = tail;
      // Count first: the number of finished items must never exceed the number of puts.
      numbers[PUTS]!++;
      store(cells, TAIL, this.#behind(tail, count));
      return true;
    } finally {
      // An exception leaves the same state as a death.
      this.#takeBack();
      this.#putMutex.unlock();
    }
  }

  take(): unknown {
    const cells = this.#cells;
    if (peek(cells, HEAD) === peek(cells, SEEN_TAIL) && load(cells, TAIL) === load(cells, HEAD)) return NONE;
    // Recover first: each take raises the bound on how many items the dead can have lost.
    this.recover();
    if (!this.accounting.lock(SPIN)) return BUSY;
    let bytes = this.#scratch;
    let size: number;
    try {
      const head = cells[HEAD]!;
      if (head === cells[SEEN_TAIL]) {
        const tail = cells[SEEN_TAIL] = load(cells, TAIL);
        if (head === tail) return NONE;
      }
      const piece = this.#pieceAt(head);
      size = cells[slotOf(piece) + SLOT_SIZE]!;
      if (size > SCRATCH) bytes = new Uint8Array(size);
      const number = size === 0 ? this.#numbers[slotOf(piece) / 2 + SLOT_NUMBER]! : undefined;
      if (size !== 0) this.#read(piece, size, bytes);
      this.#moveOn(this.#behind(head, this.#countFor(size)));
      if (size === 0) return number;
    } finally {
      this.accounting.unlock();
    }
    return decodeItem(bytes, 0, size);
  }

  shut(immediate: boolean): void | typeof BUSY {
    if (!this.#putMutex.lock(LONG_SPIN)) return BUSY;
    store(this.#cells, SHUT, 1);
    this.#putMutex.unlock();
    if (!immediate) return;
    return this.accounting.change(() => {
      const tail = this.#cells[SEEN_TAIL] = load(this.#cells, TAIL);
      this.accounting.journal.discard(this.count, [[-TAKES, this.#numbers[PUTS]!], [SETTLED, tail], [HEAD, tail]]);
    });
  }

  recover(): boolean {
    if (!this.accounting.recover()) return false;
    // Takes over the lock, which undoes the incomplete put of a dead thread.
    if (this.#putMutex.lock(SPIN)) this.#putMutex.unlock();
    return true;
  }

  /** Stores the head: the step in which the item is taken. */
  #moveOn(next: number): void {
    const cells = this.#cells;
    const { journal } = this.accounting;
    const threadSlot = cells[TAKER] = journal.threadSlot();
    cells[NEXT_BALANCE] = journal.balanceAfterTake(threadSlot);
    this.#numbers[NEXT_TAKES] = this.#numbers[TAKES]! + 1;
    this.accounting.dirty = true;
    store(cells, HEAD, next);
    this.#settle();
    this.accounting.dirty = false;
  }

  /** Counts the item that the head has passed. Repeating this is harmless. */
  #settle(): void {
    const cells = this.#cells;
    const head = cells[HEAD]!;
    if (cells[SETTLED] === head) return;
    this.#numbers[TAKES] = this.#numbers[NEXT_TAKES]!;
    this.accounting.journal.setBalance(cells[TAKER]!, cells[NEXT_BALANCE]!);
    cells[SETTLED] = head;
  }

  /** Undoes a counted put whose tail was not stored. */
  #takeBack(): void {
    if (this.#cells[FOUND_TAIL] === this.#cells[TAIL]) this.#numbers[PUTS] = this.#numbers[PUTS_BEFORE]!;
  }

  /** Whether there is room, with the lock held. Reads what getters write only when necessary. */
  #hasRoomAt(tail: number, count: number): boolean {
    const cells = this.#cells;
    if (this.#used(cells[SEEN_HEAD]!, tail) + count > this.#pieces) {
      const head = cells[SEEN_HEAD] = load(cells, HEAD);
      if (this.#used(head, tail) + count > this.#pieces) return false;
    }
    if (this.#room === Infinity) return true;
    const numbers = this.#numbers;
    const most = numbers[PUTS]! - this.#room;
    if (numbers[SEEN_TAKES]! <= most) numbers[SEEN_TAKES] = numbers[TAKES]!;
    return numbers[SEEN_TAKES]! > most;
  }

  #used(head: number, tail: number): number {
    return tail >= head ? tail - head : tail - head + 2 * this.#pieces;
  }

  #behind(end: number, count: number): number {
    const next = end + count;
    return next < 2 * this.#pieces ? next : next - 2 * this.#pieces;
  }

  #pieceAt(end: number): number {
    return end < this.#pieces ? end + 1 : end - this.#pieces + 1;
  }

  /** The number of pieces that `size` bytes need. */
  #countFor(size: number): number {
    return piecesFor(size, this.#region.pieceSize);
  }

  #write({ packet, size, key }: SharedItem, piece: number): void {
    const slot = slotOf(piece);
    this.#cells[slot + SLOT_SIZE] = size;
    this.#numbers[slot / 2 + SLOT_NUMBER] = key;
    if (size === 0) return;
    const { bytes, start, end } = packet;
    const here = start + Math.min(size, this.#bytesFrom(piece));
    copyIn(this.#region.bytes, this.#region.place(piece), bytes, start, here);
    if (here < end) copyIn(this.#region.bytes, this.#region.place(1), bytes, here, end);
  }

  #read(piece: number, size: number, target: Uint8Array): void {
    const here = Math.min(size, this.#bytesFrom(piece));
    copyOut(this.#region.bytes, this.#region.place(piece), here, target, 0);
    if (here < size) copyOut(this.#region.bytes, this.#region.place(1), size - here, target, here);
  }

  /** The number of bytes from a piece to the end of the memory. */
  #bytesFrom(piece: number): number {
    return (this.#pieces - piece + 1) * this.#region.pieceSize;
  }
}
