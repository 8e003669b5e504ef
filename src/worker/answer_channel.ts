/**
 * The memory through which worker threads answer a thread that blocks.
 *
 * @module
 */

import { SpinTime } from "../core/spin_time.ts";
import { compareExchange, load, notifyAll, store, waitSync } from "../core/cell.ts";
import { runtime } from "../runtime/mod.ts";

/** The number of the pending call; negative once a worker has taken the call. */
const CALL = 0;
/** The worker that has taken the call. */
const WORKER = 1;
/** The state of the channel. */
const STATE = 2;
/** The number of bytes of the current piece. */
const SIZE = 3;
/** 1 once the task of the call runs, which may be after its module was loaded. */
const BEGUN = 4;
const CELLS = 5;
/** The maximum number of bytes of a piece. */
const CAPACITY = 64 * 1024;

/** The states: empty; a piece of the answer; its last piece; the worker has ended; the caller has stopped reading. */
const EMPTY = 0, PIECE = 1, LAST = 2, GONE = 3, ABANDONED = 4;

/** Carries the answers of successive calls, each of which is offered to several workers. */
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

  /** Offers a call to the workers; `call` is its number, from 1. */
  ask(call: number): void {
    store(this.#cells, WORKER, 0);
    store(this.#cells, BEGUN, 0);
    store(this.#cells, CALL, call);
  }

  /** The worker that has taken the call; 0 if none has. */
  get takenBy(): number {
    return load(this.#cells, WORKER);
  }

  /** Takes the call for a worker; false if another worker has taken it or the call is over. */
  takeCall(call: number, worker: number): boolean {
    if (compareExchange(this.#cells, CALL, call, -call) !== call) return false;
    store(this.#cells, WORKER, worker);
    return true;
  }

  /** Whether the task of the call runs. */
  get begun(): boolean {
    return load(this.#cells, BEGUN) === 1;
  }

  /** Reports that the task of the call runs from now on. */
  begin(): void {
    store(this.#cells, BEGUN, 1);
  }

  /** Writes the answer piece by piece, as fast as the caller reads. */
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

  /** Reports that the worker ends without an answer. */
  gone(): void {
    this.#put(GONE);
  }

  /**
   * Waits up to `timeout` milliseconds for the answer.
   *
   * @returns the answer; undefined if it does not arrive in time; `"gone"` if the worker ends.
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

  /** Abandons the channel: the caller no longer waits, and the channel is not used again. */
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
