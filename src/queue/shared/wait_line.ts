/**
 * The waiters at a shared queue, in this thread and in other threads.
 *
 * @module
 */

import { add, exchange, load, notifyAll, store, waitAsync, waitSync } from "../../core/cell.ts";
import { SpinTime } from "../../core/spin_time.ts";
import { checkAlive } from "../../core/thread_table.ts";
import type { WaitLimits } from "../../core/wait_options.ts";
import { now } from "../../time/system_clock.ts";
import type { TimedWaitQueue } from "../timed_wait_queue.ts";

/** The cells: the bell, which is 1 if a sleeper wants to be woken, and the epoch, on which sleepers sleep. */
const BELL = 0, EPOCH = 1;
/** Re-check interval in milliseconds: a dying thread cannot notify its waiters. */
const SLICE = 100;
/** The delay before a thread spins, in milliseconds: per item taken in a row, and at most. */
const LEAD = 0.0002, MOST_LEAD = 0.02;

/** The source of a shared wait queue. */
export interface SharedWaitSource<Q, T> {
  /** Takes what was requested if it is available. Throws to end the wait. */
  take(request: Q): T | undefined;
  /** Whether the request may succeed. A cheap check. */
  isReady(request: Q): boolean;
  /** Recovers what dead threads held. */
  recover(): void;
  /** Called when this line has taken something, so that other waiters may continue. */
  moved(): void;
}

/**
 * This thread's line of waiters, with a bell for sleepers in other threads.
 *
 * A thread sets the bell before it sleeps. The first thread that has something for sleepers rings and clears the bell.
 * So a producer that is faster than its consumer pays for one system call, not for one per item. Ringing wakes all
 * sleepers: the waiter behind a single one may just have stopped waiting (`sync/README.md`).
 */
export class SharedWaitLine<Q, T> {
  readonly #cells: Int32Array;
  readonly #bell: number;
  readonly #epoch: number;
  readonly #source: SharedWaitSource<Q, T>;
  readonly #spinTime = new SpinTime();
  readonly #attempt: (request: Q) => T | undefined;
  #line: TimedWaitQueue<Q, T>;
  #shared = false;
  #watching = false;
  /** The number of items taken in a row without waiting. */
  #row = 0;
  /** The epoch for which a wake-up of this thread is pending. */
  #calledAfter: number | undefined;

  /** @param start the first cell of the line. */
  constructor(cells: Int32Array, start: number, line: TimedWaitQueue<Q, T>, source: SharedWaitSource<Q, T>) {
    this.#cells = cells;
    this.#bell = start + BELL;
    this.#epoch = start + EPOCH;
    this.#line = line;
    this.#source = source;
    this.#attempt = (request) => source.take(request);
  }

  /** The number of waiters in this thread. */
  get size(): number {
    return this.#line.size;
  }

  /** Replaces a line that has no waiters. */
  set line(line: TimedWaitQueue<Q, T>) {
    this.#line = line;
  }

  /** Called before other threads get access to the queue. */
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

  /** Serves waiters in this thread. */
  serve(): void {
    if (this.#line.size > 0) this.#line.admit(this.#attempt);
  }

  /** Wakes sleeping threads, if there are any. */
  ring(): void {
    if (load(this.#cells, this.#bell) !== 0 && exchange(this.#cells, this.#bell, 0) !== 0) this.#call();
  }

  /** Wakes all sleeping threads, even if the bell was already rung. */
  ringAll(): void {
    if (this.#shared) this.#call();
  }

  /** Blocks this thread until the request is granted. Returns undefined on timeout. */
  takeSync(request: Q, timeout: number): T | undefined {
    const taken = this.#source.take(request);
    if (taken !== undefined || timeout === 0) {
      this.#row++;
      return taken;
    }
    const start = now();
    const end = start + timeout;
    for (;;) {
      const found = this.#look(request, end) ? this.#source.take(request) : undefined;
      if (found !== undefined) {
        this.#spinTime.learn(now() - start);
        return found;
      }
      const epoch = load(this.#cells, this.#epoch);
      store(this.#cells, this.#bell, 1);
      this.#source.recover();
      const late = this.#source.take(request);
      if (late !== undefined) return late;
      const left = end - now();
      if (left <= 0) return undefined;
      waitSync(this.#cells, this.#epoch, epoch, Math.min(left, SLICE));
      checkAlive();
      this.#spinTime.learn(now() - start);
    }
  }

  /**
   * Spins for a moment, because falling asleep and waking up takes longer than most items. Each check takes the cache
   * line from the threads that write it. A consumer that keeps pace with a stream of items would slow the producer down
   * at every item, so it first holds back.
   */
  #look(request: Q, end: number): boolean {
    const start = now();
    const stop = Math.min(end, start + this.#spinTime.time);
    const first = Math.min(stop, start + Math.min(MOST_LEAD, this.#row * LEAD));
    this.#row = 0;
    while (now() < first);
    do {
      if (this.#source.isReady(request)) return true;
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

  /** Serves the waiters that can be served, then sleeps until woken or until the re-check interval has passed. */
  #sleep(): void {
    const epoch = load(this.#cells, this.#epoch);
    store(this.#cells, this.#bell, 1);
    this.#source.recover();
    this.serve();
    this.#source.moved();
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
