/**
 * Limit for the output of a thread that the program has not passed on yet.
 *
 * @module
 */

import { add, load, notifyAll, waitSync } from "../core/cell.ts";

/** Bytes that a thread may print ahead: half the capacity of its ring, as messages that do not fit are slower. */
const AHEAD = 64 * 1024;
/** Further bytes that it may print each time it has waited in vain. */
const MORE = 1 << 20;
/** The first wait, in milliseconds; each further one that is in vain takes twice as long. */
const FIRST_WAIT = 100;
const LONGEST_WAIT = 60_000;

/** Makes the memory of a quota. */
export function quotaMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(4);
}

/**
 * The quota of one thread, for both sides. A thread that prints faster than the program's output is read waits, so that the
 * program's memory does not grow. To wait without a limit is tempting, but the program's thread may be blocked by a lock
 * that this thread holds.
 */
export class PrintQuota {
  readonly #unread: Int32Array;
  readonly #firstWait: number;
  #most = AHEAD;
  #wait: number;

  constructor(memory: SharedArrayBuffer, firstWait: number = FIRST_WAIT) {
    this.#unread = new Int32Array(memory);
    this.#firstWait = this.#wait = firstWait;
  }

  /** The thread is about to print; waits for room. */
  take(size: number): void {
    for (let unread = load(this.#unread, 0); unread > this.#most;) {
      waitSync(this.#unread, 0, unread, this.#wait);
      const left = load(this.#unread, 0);
      if (left >= unread) {
        this.#most = left + MORE;
        this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
      }
      unread = left;
    }
    if (load(this.#unread, 0) <= AHEAD) {
      this.#most = AHEAD;
      this.#wait = this.#firstWait;
    }
    add(this.#unread, 0, size);
  }

  /** The program has passed on so many bytes. */
  giveBack(size: number): void {
    // Woken per line, the thread would wait again after each.
    if (add(this.#unread, 0, -size) - size <= AHEAD / 2) notifyAll(this.#unread, 0);
  }
}
