/**
 * A ring of bytes in shared memory: one thread writes, another reads.
 *
 * What a thread has written stays when the thread is ended in the next instant, which no message port promises; and a
 * reader that is awake takes any number of results with one wake-up.
 *
 * @module
 */

import { compareExchange, load, store } from "../core/cell.ts";

/** The control cells: how far the reader and the writer are, counted for ever, modulo 2^32. */
const HEAD = 0, TAIL = 1;
/** 1 while the reader is asleep and wants to be called. */
const ASLEEP = 2;
/** How many messages the writer has posted past the ring. */
const POSTED = 3;
/** How many calls the reader has begun, and above them how often the writer has taken back the others; both wrap. */
const CALLS = 4;
const CELLS = 5;
/** The two parts of that cell. */
const BEGUN = 2 ** 20 - 1, RECALL = 2 ** 20, BOTH = 2 ** 30 - 1;
/** A power of two, so that positions wrap with a mask. */
const CAPACITY = 128 * 1024;

/** The memory of a ring, as it is handed to the other thread. */
export interface RingMemory {
  readonly control: Int32Array;
  readonly data: Uint8Array;
}

/** Makes the memory of a ring whose reader is asleep. */
export function ringMemory(): RingMemory {
  const control = new Int32Array(new SharedArrayBuffer(CELLS * 4));
  control[ASLEEP] = 1;
  return { control, data: new Uint8Array(new SharedArrayBuffer(CAPACITY)) };
}

/** The writing end. */
export class RingWriter {
  readonly #control: Int32Array;
  readonly #data: Uint8Array;

  constructor(memory: RingMemory) {
    this.#control = memory.control;
    this.#data = memory.data;
  }

  /** How far it has written. */
  get position(): number {
    return load(this.#control, TAIL);
  }

  /** Whether the reader has taken everything. A stale answer can only be false. */
  get drained(): boolean {
    return load(this.#control, HEAD) === load(this.#control, TAIL);
  }

  /** Whether there is room for so many bytes. */
  fits(size: number): boolean {
    return size <= CAPACITY - ((load(this.#control, TAIL) - load(this.#control, HEAD)) >>> 0);
  }

  /** Writes bytes if there is room for all of them. */
  write(bytes: Uint8Array): boolean {
    if (!this.fits(bytes.length)) return false;
    const tail = load(this.#control, TAIL);
    const at = tail & (CAPACITY - 1);
    const first = CAPACITY - at;
    if (bytes.length <= first) this.#data.set(bytes, at);
    else {
      this.#data.set(bytes.subarray(0, first), at);
      this.#data.set(bytes.subarray(first), 0);
    }
    store(this.#control, TAIL, (tail + bytes.length) | 0);
    return true;
  }

  /** Counts a message that goes past the ring; to be called before it is posted. */
  countPosted(): void {
    store(this.#control, POSTED, load(this.#control, POSTED) + 1);
  }

  /** How many of `calls`, which is how many were written and not taken back, the reader has not begun. */
  unbegun(calls: number): number {
    return (calls - load(this.#control, CALLS)) & BEGUN;
  }

  /**
   * Takes back all calls that the reader has not begun; it begins none until it is told so, in its turn among the messages.
   *
   * @returns how many of `calls` these are.
   */
  recall(calls: number): number {
    for (;;) {
      const cell = load(this.#control, CALLS);
      const unbegun = (calls - cell) & BEGUN;
      if (unbegun === 0 || compareExchange(this.#control, CALLS, cell, recalledOnce(cell)) === cell) return unbegun;
    }
  }

  /** Whether the reader sleeps; true is told once per sleep, and the caller then has to wake it. */
  takeWake(): boolean {
    return compareExchange(this.#control, ASLEEP, 1, 0) === 1;
  }
}

/** The reading end. */
export class RingReader {
  readonly #control: Int32Array;
  readonly #data: Uint8Array;
  /** How far it has read: its own count, as anything may be written to the memory. */
  #position: number;
  /** What the cell of calls holds unless some were taken back of which this end was not told yet. */
  #calls = 0;

  constructor(memory: RingMemory) {
    this.#control = memory.control;
    this.#data = memory.data;
    this.#position = load(memory.control, HEAD);
  }

  /** How far it has read. */
  get position(): number {
    return this.#position;
  }

  /**
   * How far there is to read.
   *
   * @throws {RangeError} if that is more than the ring holds.
   */
  get limit(): number {
    const tail = load(this.#control, TAIL);
    const size = (tail - this.#position) >>> 0;
    if (size > CAPACITY) throw new RangeError(`Cannot read ${size} bytes from a ring of ${CAPACITY} bytes`);
    return tail;
  }

  /** Begins the next call; false if it was taken back. */
  begin(): boolean {
    const before = this.#calls;
    const after = (before & ~BEGUN) | ((before + 1) & BEGUN);
    if (compareExchange(this.#control, CALLS, before, after) !== before) return false;
    this.#calls = after;
    return true;
  }

  /** This end was told that the calls before were taken back. */
  recalled(): void {
    this.#calls = recalledOnce(this.#calls);
  }

  /** How many messages were posted past the ring before what `limit` told: ask for `limit` first. */
  get posted(): number {
    return load(this.#control, POSTED);
  }

  /**
   * Copies out what lies between the position and `limit`, and makes the room free.
   *
   * @throws {RangeError} if that is more than the ring holds.
   */
  take(limit: number): Uint8Array {
    const head = this.#position;
    const size = (limit - head) >>> 0;
    if (size > CAPACITY) throw new RangeError(`Cannot read ${size} bytes from a ring of ${CAPACITY} bytes`);
    const bytes = new Uint8Array(size);
    const at = head & (CAPACITY - 1);
    const first = CAPACITY - at;
    if (size <= first) bytes.set(this.#data.subarray(at, at + size));
    else {
      bytes.set(this.#data.subarray(at));
      bytes.set(this.#data.subarray(0, size - first), first);
    }
    this.#position = limit;
    store(this.#control, HEAD, limit);
    return bytes;
  }

  /** Stays awake, or wakes by itself. */
  wake(): void {
    store(this.#control, ASLEEP, 0);
  }

  /** Goes to sleep; false if there is something to read after all. */
  sleep(): boolean {
    store(this.#control, ASLEEP, 1);
    if (load(this.#control, TAIL) === this.#position) return true;
    // Either this end or the writer takes the wake-up, never both.
    return compareExchange(this.#control, ASLEEP, 1, 0) !== 1;
  }
}

function recalledOnce(cell: number): number {
  return (cell + RECALL) & BOTH;
}
