/**
 * The wait queue of a primitive whose state is in shared memory.
 *
 * `README.md` beside this file explains the algorithm.
 *
 * @module
 */

import { add, compareExchange, load, notifyAll, store, waitAsync, waitSync } from "../core/cell.ts";
import { checkAlive, currentIdent, deaths, isDead } from "../core/thread_table.ts";
import type { OptionNames } from "../core/options.ts";
import { checkWait, NO_LIMITS, WAIT_OPTIONS, type WaitLimits, type WaitOptions } from "../core/wait_options.ts";
import { WaitQueue } from "../core/wait_queue.ts";
import { enterWait, leaveWait } from "../time/awake.ts";
import { now, systemClock } from "../time/system_clock.ts";

/**
 * The cells of the line: the number of sleeping threads, an epoch that changes when they are woken, and the claim of a
 * starving thread.
 */
const SLEEPERS = 0, EPOCH = 1, CLAIM = 2;
/** The number of cells of a line; they come first in every primitive. */
export const WAIT_QUEUE_CELLS = 3;

/** Re-check interval in milliseconds: a dying thread cannot notify its waiters. */
const SLICE = 100;
/**
 * A thread whose waiter has waited this long, in milliseconds, is served next; until then an awake thread may overtake
 * it.
 */
const STARVED = 5;

/** The source of a wait queue. */
export interface WaitSource<Q, T> {
  /**
   * Whether a grant uses up a resource. Only then may a starving thread reserve the next turn. Otherwise the
   * reservation could block the threads that the starving thread waits for.
   */
  readonly exclusive: boolean;
  /** Takes what was requested if it is available, in one atomic step. Throws to end the wait. */
  take(request: Q): T | undefined;
  /** Recovers what dead threads held; returns whether that changed anything. */
  recover?(): boolean;
  /** Called before a wait; returns a function to call after it. Throws to refuse the wait. */
  waits?(sync: boolean): (() => void) | undefined;
  /** Called when a waiter has stopped waiting. */
  left?(request: Q): void;
}

/** The line of one primitive in this thread. The lines of all threads together form the line of the primitive. */
export class SharedWaitQueue<Q, T> {
  #cells: Int32Array;
  readonly #source: WaitSource<Q, T>;
  readonly #what: string;
  readonly #known: OptionNames<WaitOptions>;
  readonly #queue: WaitQueue<Q, T>;
  readonly #attempt: (request: Q) => T | undefined;
  #shared = false;
  /** Whether this thread counts as a sleeper, since when, and the epoch for which a wake-up is pending. */
  #watching = false;
  #since = 0;
  #calledAfter: number | undefined;
  #waits = false;
  /**
   * The number of dead threads at the last check. Starts at 0, as threads that died earlier may have held the
   * primitive.
   */
  #deaths = 0;

  /**
   * @param what the beginning of messages, such as "Cannot acquire the lock".
   * @param known the names of the options, if a wait takes more than limits.
   */
  constructor(
    cells: Int32Array,
    what: string,
    source: WaitSource<Q, T>,
    known: OptionNames<WaitOptions> = WAIT_OPTIONS,
  ) {
    this.#cells = cells;
    this.#what = what;
    this.#known = known;
    this.#source = source;
    this.#attempt = (request) => this.#take(request);
    this.#queue = new WaitQueue(systemClock, what, (request) => {
      source.left?.(request);
      this.#serveHere();
    });
  }

  /** The number of waiters in this thread. */
  get size(): number {
    return this.#queue.size;
  }

  /** Whether no other thread knows the primitive and no caller waits: plain memory access is safe then. */
  get alone(): boolean {
    return !this.#shared && !this.#waits;
  }

  /** Called before other threads get access to the primitive, from then on by these cells. */
  share(cells: Int32Array = this.#cells): void {
    if (this.#shared) return;
    this.#cells = cells;
    this.#shared = true;
    if (this.#queue.size > 0) this.#watch();
  }

  /** Takes at once if no waiter of this thread comes first. Returns undefined otherwise. */
  tryTake(request: Q): T | undefined {
    if (this.#queue.size > 0) return undefined;
    return this.#take(request) ?? (this.#recover() ? this.#take(request) : undefined);
  }

  /** Waits until the request is granted. */
  take(request: Q, options: WaitOptions | undefined): Promise<T> {
    try {
      if (options === undefined) {
        const taken = this.tryTake(request);
        if (taken !== undefined) return Promise.resolve(taken);
        return this.#waitFor(request, NO_LIMITS);
      }
      const limits = checkWait(this.#what, options, this.#known);
      limits.signal?.throwIfAborted();
      const taken = this.tryTake(request);
      return taken !== undefined ? Promise.resolve(taken) : this.#waitFor(request, limits);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Waits in the line, without a first attempt. */
  join(request: Q, limits: WaitLimits): Promise<T> {
    const promise = this.#queue.join(request, limits);
    if (this.#queue.size === 0) return promise;
    if (!this.#waits) {
      this.#waits = true;
      enterWait();
    }
    if (this.#shared) this.#watch();
    return promise;
  }

  /**
   * Blocks this thread until the request is granted. It overtakes waiters of this loop, which cannot run while the
   * thread is blocked.
   */
  takeSync(request: Q, options: WaitOptions | undefined): T {
    const { timeout, signal } = checkWait(this.#what, options, this.#known);
    signal?.throwIfAborted();
    const taken = this.#take(request) ?? (this.#recover() ? this.#take(request) : undefined);
    if (taken !== undefined) return taken;
    if (timeout === 0) {
      this.#source.left?.(request);
      throw this.#queue.timedOut(timeout);
    }
    return this.#sleep(request, timeout);
  }

  /** Recovers what threads held that have died since the last check. */
  recover(): void {
    if (this.#shared) this.#recover();
  }

  /** Called when something may have become available: serves waiters in this thread, then wakes other threads. */
  serve(): void {
    if (this.#queue.size > 0) this.#serveHere();
    if (this.#shared) this.#call();
  }

  #waitFor(request: Q, limits: WaitLimits): Promise<T> {
    if (limits.timeout === 0) {
      this.#source.left?.(request);
      return Promise.reject(this.#queue.timedOut(0));
    }
    const over = this.#source.waits?.(false);
    const promise = this.join(request, limits);
    return over === undefined ? promise : promise.finally(over);
  }

  #take(request: Q): T | undefined {
    if (!this.#shared) return this.#source.take(request);
    const next = load(this.#cells, CLAIM);
    const me = currentIdent();
    if (next !== 0 && next !== me) {
      if (!isDead(next)) return undefined;
      compareExchange(this.#cells, CLAIM, next, 0);
    }
    const taken = this.#source.take(request);
    if (taken !== undefined && next === me) this.#unclaim();
    return taken;
  }

  #serveHere(): void {
    const served = this.#queue.admit(this.#attempt);
    if (served > 0) this.#since = now();
    if (this.#queue.size > 0) return;
    if (this.#waits) {
      this.#waits = false;
      leaveWait();
    }
    if (!this.#watching) return;
    this.#watching = false;
    add(this.#cells, SLEEPERS, -1);
    this.#unclaim();
  }

  /** Registers this thread as a sleeper of this primitive. */
  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    this.#since = now();
    add(this.#cells, SLEEPERS, 1);
    this.#look();
  }

  /** Serves the waiters that can be served, then sleeps until woken or until the re-check interval has passed. */
  #look(): void {
    if (!this.#watching) return;
    const epoch = load(this.#cells, EPOCH);
    this.#recover();
    this.#claim(this.#since);
    this.#serveHere();
    if (!this.#watching || this.#calledAfter === epoch) return;
    this.#calledAfter = epoch;
    void waitAsync(this.#cells, EPOCH, epoch, SLICE).then(() => {
      if (this.#calledAfter === epoch) this.#calledAfter = undefined;
      this.#look();
    });
  }

  #sleep(request: Q, timeout: number): T {
    const start = now();
    const over = this.#source.waits?.(true);
    add(this.#cells, SLEEPERS, 1);
    try {
      for (;;) {
        const epoch = load(this.#cells, EPOCH);
        this.#recover();
        this.#claim(start);
        const taken = this.#take(request);
        if (taken !== undefined) return taken;
        const left = start + timeout - now();
        if (left <= 0) throw this.#queue.timedOut(timeout);
        waitSync(this.#cells, EPOCH, epoch, Math.min(left, SLICE));
        checkAlive();
      }
    } catch (error) {
      this.#source.left?.(request);
      throw error;
    } finally {
      add(this.#cells, SLEEPERS, -1);
      this.#unclaim();
      over?.();
    }
  }

  /** Wakes all sleeping threads. Waking a single one is not enough: its waiter may just have stopped waiting. */
  #call(): void {
    if (load(this.#cells, SLEEPERS) === (this.#watching ? 1 : 0)) return;
    add(this.#cells, EPOCH, 1);
    notifyAll(this.#cells, EPOCH);
  }

  #claim(since: number): void {
    if (!this.#source.exclusive || !this.#shared || now() - since < STARVED) return;
    compareExchange(this.#cells, CLAIM, 0, currentIdent());
  }

  #unclaim(): void {
    if (!this.#shared || load(this.#cells, CLAIM) !== currentIdent()) return;
    store(this.#cells, CLAIM, 0);
    this.#call();
  }

  #recover(): boolean {
    const count = deaths();
    if (count === this.#deaths) return false;
    this.#deaths = count;
    if (this.#source.recover?.() !== true) return false;
    add(this.#cells, EPOCH, 1);
    notifyAll(this.#cells, EPOCH);
    return true;
  }
}
