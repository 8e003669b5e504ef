/**
 * A ring buffer in shared memory: one thread writes, another reads.
 *
 * Bytes that a thread has written survive even if the thread ends at once, which no message port guarantees. A reader
 * that is awake receives any number of results with one wake-up.
 *
 * @module
 */

import { compareExchange, load, store } from "../core/cell.ts";

/** Cells: the positions of the reader and the writer, which count bytes modulo 2^32. */
const HEAD = 0, TAIL = 1;
/** 1 while the reader sleeps and must be woken. */
const ASLEEP = 2;
/** The number of messages that the writer has posted instead. */
const POSTED = 3;
/** The number of calls that the reader has begun, and above it the number of recalls by the writer; both wrap. */
const CALLS = 4;
const CELLS = 5;
/** Masks of the two parts of that cell. */
const BEGUN = 2 ** 20 - 1, RECALL = 2 ** 20, BOTH = 2 ** 30 - 1;
/** A power of two, so that positions wrap by a mask. */
const CAPACITY = 128 * 1024;

/** The memory of a ring, to be passed to the other thread. */
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

  /** The position of the writer. */
  get position(): number {
    return load(this.#control, TAIL);
  }

  /** Whether the reader has read everything. The value may be stale: then it is false. */
  get drained(): boolean {
    return load(this.#control, HEAD) === load(this.#control, TAIL);
  }

  /** Whether there is space for `size` bytes. */
  fits(size: number): boolean {
    return size <= CAPACITY - ((load(this.#control, TAIL) - load(this.#control, HEAD)) >>> 0);
  }

  /** Writes bytes if there is space for all of them; otherwise returns false. */
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

  /** Counts a message that is posted instead; call it before posting. */
  countPosted(): void {
    store(this.#control, POSTED, load(this.#control, POSTED) + 1);
  }

  /** Returns the number of calls that the reader has not begun; `calls` is the number written and not recalled. */
  unbegun(calls: number): number {
    return (calls - load(this.#control, CALLS)) & BEGUN;
  }

  /**
   * Recalls all calls that the reader has not begun. The reader begins no call until it has read the record of the
   * recall.
   *
   * @returns the number of recalled calls.
   */
  recall(calls: number): number {
    for (;;) {
      const cell = load(this.#control, CALLS);
      const unbegun = (calls - cell) & BEGUN;
      if (unbegun === 0 || compareExchange(this.#control, CALLS, cell, recalledOnce(cell)) === cell) return unbegun;
    }
  }

  /** Whether the reader sleeps. It returns true once per sleep; the caller must then wake the reader. */
  takeWake(): boolean {
    return compareExchange(this.#control, ASLEEP, 1, 0) === 1;
  }
}

/** The reading end. */
export class RingReader {
  readonly #control: Int32Array;
  readonly #data: Uint8Array;
  /** The position of the reader: its own copy, because any thread may overwrite the memory. */
  #position: number;
  /**
   * The expected value of the cell of calls. It differs if calls were recalled and this end has not read the record
   * yet.
   */
  #calls = 0;

  constructor(memory: RingMemory) {
    this.#control = memory.control;
    this.#data = memory.data;
    this.#position = load(memory.control, HEAD);
  }

  /** The position of the reader. */
  get position(): number {
    return this.#position;
  }

  /**
   * The position up to which the ring can be read.
   *
   * @throws {RangeError} if it is out of range.
   */
  get limit(): number {
    const tail = load(this.#control, TAIL);
    const size = (tail - this.#position) >>> 0;
    if (size > CAPACITY) throw new RangeError(`Cannot read ${size} bytes from a ring of ${CAPACITY} bytes`);
    return tail;
  }

  /** Begins the next call; returns false if it was recalled. */
  begin(): boolean {
    const before = this.#calls;
    const after = (before & ~BEGUN) | ((before + 1) & BEGUN);
    if (compareExchange(this.#control, CALLS, before, after) !== before) return false;
    this.#calls = after;
    return true;
  }

  /** Called when this end has read the record of a recall. */
  recalled(): void {
    this.#calls = recalledOnce(this.#calls);
  }

  /** The number of messages posted before the bytes up to `limit`: read `limit` first. */
  get posted(): number {
    return load(this.#control, POSTED);
  }

  /**
   * Copies the bytes up to `limit` out of the ring, and frees their space.
   *
   * @throws {RangeError} if `limit` is out of range.
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

  /** Marks the reader as awake. */
  wake(): void {
    store(this.#control, ASLEEP, 0);
  }

  /** Marks the reader as asleep; returns false if there are bytes to read. */
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
