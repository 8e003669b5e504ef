/**
 * The memory through which worker threads answer a thread that blocks.
 *
 * @module
 */

import { SpinTime } from "../core/spin_time.ts";
import { compareExchange, load, notifyAll, store, waitSync } from "../core/cell.ts";
import { runtime } from "../runtime/mod.ts";

/** The number of the call that waits for a worker; negative once one has taken it. */
const CALL = 0;
/** The worker that has taken it. */
const WORKER = 1;
/** What is in the channel. */
const STATE = 2;
/** How many bytes of the answer are there. */
const SIZE = 3;
const CELLS = 4;
/** The number of bytes that travel at a time. */
const CAPACITY = 64 * 1024;

/** The states: empty; a piece of the answer; its last piece; the worker ends; the caller reads no more. */
const EMPTY = 0, PIECE = 1, LAST = 2, GONE = 3, ABANDONED = 4;

/** Takes one answer after another, each from one of the workers that were asked. */
export class AnswerChannel {
  readonly memory: SharedArrayBuffer;
  readonly #cells: Int32Array;
  readonly #data: Uint8Array;
  readonly #spinTime = new SpinTime();

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(CELLS * 4 + CAPACITY)) {
    this.memory = memory;
    this.#cells = new Int32Array(memory, 0, CELLS);
    this.#data = new Uint8Array(memory, CELLS * 4);
  }

  /** Asks for the answer to the call of a number, from 1. */
  ask(call: number): void {
    store(this.#cells, WORKER, 0);
    store(this.#cells, CALL, call);
  }

  /** The worker that has taken the call; 0 if none has. */
  get takenBy(): number {
    return load(this.#cells, WORKER);
  }

  /** A worker is free: true if it is the first, and the call still waits. */
  takeCall(call: number, worker: number): boolean {
    if (compareExchange(this.#cells, CALL, call, -call) !== call) return false;
    store(this.#cells, WORKER, worker);
    return true;
  }

  /** Writes the answer, piece by piece, as fast as it is read. */
  answer(bytes: Uint8Array): void {
    for (let from = 0;;) {
      const piece = bytes.subarray(from, from + CAPACITY);
      this.#data.set(piece);
      store(this.#cells, SIZE, piece.length);
      from += piece.length;
      const last = from >= bytes.length;
      if (!this.#put(last ? LAST : PIECE) || last) return;
      while (load(this.#cells, STATE) === PIECE) waitSync(this.#cells, STATE, PIECE, Infinity);
    }
  }

  /** The worker ends without an answer. */
  gone(): void {
    this.#put(GONE);
  }

  /**
   * Waits at most `timeout` milliseconds.
   *
   * @returns the answer; undefined if it is not there in time; `"gone"` if the worker ends.
   */
  take(timeout: number): Uint8Array | "gone" | undefined {
    let state = this.#wait(timeout);
    if (state === EMPTY) return undefined;
    const pieces: Uint8Array[] = [];
    for (; state !== GONE; state = this.#wait(Infinity)) {
      pieces.push(this.#data.slice(0, load(this.#cells, SIZE)));
      this.#set(EMPTY);
      if (state === LAST) return pieces.length === 1 ? pieces[0]! : joined(pieces);
    }
    return "gone";
  }

  /** Called when the caller no longer waits for an answer: the channel is not used again. */
  abandon(): void {
    store(this.#cells, CALL, 0);
    this.#set(ABANDONED);
  }

  #put(state: number): boolean {
    const put = compareExchange(this.#cells, STATE, EMPTY, state) === EMPTY;
    if (put) notifyAll(this.#cells, STATE);
    return put;
  }

  #set(state: number): void {
    store(this.#cells, STATE, state);
    notifyAll(this.#cells, STATE);
  }

  #wait(timeout: number): number {
    const start = runtime.now();
    const spinEnd = start + (runtime.parallelism > 1 ? Math.min(this.#spinTime.time, timeout) : 0);
    let state = load(this.#cells, STATE);
    while (state === EMPTY && runtime.now() < spinEnd) state = load(this.#cells, STATE);
    if (state === EMPTY) {
      waitSync(this.#cells, STATE, EMPTY, timeout);
      state = load(this.#cells, STATE);
    }
    if (state !== EMPTY) this.#spinTime.learn(runtime.now() - start);
    return state;
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
