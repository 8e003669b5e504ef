/**
 * Limits the output of a thread that the program has not yet written.
 *
 * @module
 */

import { add, load, notifyAll, waitSync } from "../core/cell.ts";

/**
 * The number of bytes that a thread may print ahead: half of its ring's capacity, because messages that do not fit are
 * slower.
 */
const AHEAD = 64 * 1024;
/** The number of bytes by which the limit grows after a wait without progress. */
const MORE = 1 << 20;
/** The duration of the first wait, in milliseconds; it doubles after each wait without progress. */
const FIRST_WAIT = 100;
const LONGEST_WAIT = 60_000;

/** Makes the memory of a quota. */
export function quotaMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(4);
}

/**
 * The quota of one thread, for both sides. A thread waits if it prints faster than the program's output is read, so
 * that the program's memory does not grow. To wait without a limit is tempting, but the program's thread may be blocked
 * by a lock that this thread holds.
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

  /** Waits until the thread may print, and counts `size` bytes. */
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

  /** Counts `size` bytes that the program has written. */
  giveBack(size: number): void {
    // If every line woke the thread, it would wait again after each.
    if (add(this.#unread, 0, -size) - size <= AHEAD / 2) notifyAll(this.#unread, 0);
  }
}
