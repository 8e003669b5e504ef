/**
 * Those who wait at a shared queue, in this thread and in others.
 *
 * @module
 */

import { add, exchange, load, notifyAll, store, waitAsync, waitSync } from "../core/cell.ts";
import { Patience } from "../core/patience.ts";
import { checkAlive } from "../core/thread_table.ts";
import type { WaitLimits } from "../core/wait_options.ts";
import { now } from "../time/system_clock.ts";
import type { Line } from "./line.ts";

/** The cells: 1 if somebody wants to be called, and a number that changes when they are; what they sleep on. */
const BELL = 0, EPOCH = 1;
/** A sleeper looks by itself so often, in milliseconds: a thread that dies calls nobody. */
const SLICE = 100;
/** How long whoever took so many in a row keeps away first, in milliseconds, for each of them and at the most. */
const LEAD = 0.0002, MOST_LEAD = 0.02;

/** What is waited for. */
export interface Passage<Q, T> {
  /** Takes what is asked for if it is there. Throws to end the wait. */
  take(request: Q): T | undefined;
  /** Whether it may be there: a look that costs nothing. */
  isReady(request: Q): boolean;
  /** Looks after threads that have died. */
  mend(): void;
  /** Something was taken in this line, which others may have waited for. */
  moved(): void;
}

/**
 * The line of this thread, and a bell for those who sleep in others.
 *
 * A bell is set by whoever is about to sleep, and rung by the first who has something for it: a producer that is faster than
 * its consumer pays for one call of the system, not for one per item. All are woken, as one alone may just have stopped
 * waiting (`sync/README.md`).
 */
export class SharedLine<Q, T> {
  readonly #cells: Int32Array;
  readonly #bell: number;
  readonly #epoch: number;
  readonly #passage: Passage<Q, T>;
  readonly #patience = new Patience();
  readonly #attempt: (request: Q) => T | undefined;
  #line: Line<Q, T>;
  #shared = false;
  #watching = false;
  /** How many were taken in a row without waiting. */
  #row = 0;
  /** For which epoch this thread has asked to be called. */
  #calledAfter: number | undefined;

  /** @param start the first of its cells. */
  constructor(cells: Int32Array, start: number, line: Line<Q, T>, passage: Passage<Q, T>) {
    this.#cells = cells;
    this.#bell = start + BELL;
    this.#epoch = start + EPOCH;
    this.#line = line;
    this.#passage = passage;
    this.#attempt = (request) => passage.take(request);
  }

  /** How many wait in this thread. */
  get size(): number {
    return this.#line.size;
  }

  /** Puts another line in the place of one in which nobody waits. */
  set line(line: Line<Q, T>) {
    this.#line = line;
  }

  /** Other threads get to know the queue. */
  share(): void {
    this.#shared = true;
    this.#watch();
  }

  /** Waits in the line. */
  join(request: Q, limits: WaitLimits): Promise<T> {
    const promise = this.#line.join(request, limits);
    this.#watch();
    return promise;
  }

  /** Serves those who wait here. */
  serve(): void {
    if (this.#line.size > 0) this.#line.admit(this.#attempt);
  }

  /** Calls those who sleep elsewhere, if there are any. */
  ring(): void {
    if (load(this.#cells, this.#bell) !== 0 && exchange(this.#cells, this.#bell, 0) !== 0) this.#call();
  }

  /** Calls all, whoever has called them before. */
  ringAll(): void {
    if (this.#shared) this.#call();
  }

  /** Blocks this thread until it can take; undefined if that is not in time. */
  takeSync(request: Q, timeout: number): T | undefined {
    const taken = this.#passage.take(request);
    if (taken !== undefined || timeout === 0) {
      this.#row++;
      return taken;
    }
    const start = now();
    const end = start + timeout;
    for (;;) {
      const found = this.#look(request, end) ? this.#passage.take(request) : undefined;
      if (found !== undefined) {
        this.#patience.learn(now() - start);
        return found;
      }
      const epoch = load(this.#cells, this.#epoch);
      store(this.#cells, this.#bell, 1);
      this.#passage.mend();
      const late = this.#passage.take(request);
      if (late !== undefined) return late;
      const left = end - now();
      if (left <= 0) return undefined;
      waitSync(this.#cells, this.#epoch, epoch, Math.min(left, SLICE));
      checkAlive();
      this.#patience.learn(now() - start);
    }
  }

  /**
   * Looks for a moment, as falling asleep and being woken takes longer than most items. Each look takes the line of the cache
   * from those who write what is looked at: whoever keeps pace with a stream of items would hold it up at each of them, and
   * gives it some lead instead.
   */
  #look(request: Q, end: number): boolean {
    const start = now();
    const stop = Math.min(end, start + this.#patience.time);
    const first = Math.min(stop, start + Math.min(MOST_LEAD, this.#row * LEAD));
    this.#row = 0;
    while (now() < first);
    do {
      if (this.#passage.isReady(request)) return true;
    } while (now() < stop);
    return false;
  }

  #call(): void {
    add(this.#cells, this.#epoch, 1);
    notifyAll(this.#cells, this.#epoch);
  }

  #watch(): void {
    if (this.#watching || !this.#shared || this.#line.size === 0) return;
    this.#watching = true;
    this.#sleep();
  }

  /** Serves who can be served, then sleeps until called, or for a slice. */
  #sleep(): void {
    const epoch = load(this.#cells, this.#epoch);
    store(this.#cells, this.#bell, 1);
    this.#passage.mend();
    this.serve();
    this.#passage.moved();
    if (this.#line.size === 0) {
      this.#watching = false;
      return;
    }
    if (this.#calledAfter === epoch) return;
    this.#calledAfter = epoch;
    void waitAsync(this.#cells, this.#epoch, epoch, SLICE).then(() => {
      if (this.#calledAfter === epoch) this.#calledAfter = undefined;
      if (this.#watching) this.#sleep();
    });
  }
}
