/**
 * The waiting line of a primitive whose state lies in shared memory.
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

/** The cells of the line: how many threads sleep in it, a number that changes when they are called, and who is next. */
const SLEEPERS = 0, EPOCH = 1, CLAIM = 2;
/** How many cells the line needs; the first of all. */
export const LINE_CELLS = 3;

/** A sleeper looks by itself so often, in milliseconds: a thread that dies calls nobody. */
const SLICE = 100;
/** Whoever has waited so long, in milliseconds, is next: until then a thread that is awake may go first. */
const STARVED = 5;

/** What is waited for. */
export interface Turnstile<Q, T> {
  /**
   * Whether what one takes is missing to another, so that somebody may be next. Else nobody may keep the others from going
   * on: what he waits for may be what they do then.
   */
  readonly exclusive: boolean;
  /** Takes what is asked for if it is there, in one step that other threads see whole. Throws to end the wait. */
  take(request: Q): T | undefined;
  /** Cleans up behind threads that have died; returns whether that changed anything. */
  mend?(): boolean;
  /** Somebody is about to wait; returns what is to be called when the wait is over. Throws to refuse it. */
  waits?(sync: boolean): (() => void) | undefined;
  /** Somebody has stopped waiting. */
  left?(request: Q): void;
}

/** The line of one primitive in this thread; the lines of all threads together make up the line of the primitive. */
export class Line<Q, T> {
  readonly #cells: Int32Array;
  readonly #turnstile: Turnstile<Q, T>;
  readonly #what: string;
  readonly #known: OptionNames<WaitOptions>;
  readonly #queue: WaitQueue<Q, T>;
  readonly #attempt: (request: Q) => T | undefined;
  #shared = false;
  /** Whether this thread counts as a sleeper, since when, and for which epoch it has asked to be called. */
  #watching = false;
  #since = 0;
  #calledAfter: number | undefined;
  #waits = false;
  /** How many had died when it last looked. Those of before it knew the primitive count too: they may have held it. */
  #deaths = 0;

  /**
   * @param what begins the messages, as in "Cannot acquire the lock".
   * @param known what those who wait may give, if that is more than limits.
   */
  constructor(
    cells: Int32Array,
    what: string,
    turnstile: Turnstile<Q, T>,
    known: OptionNames<WaitOptions> = WAIT_OPTIONS,
  ) {
    this.#cells = cells;
    this.#what = what;
    this.#known = known;
    this.#turnstile = turnstile;
    this.#attempt = (request) => this.#take(request);
    this.#queue = new WaitQueue(systemClock, what, (request) => {
      turnstile.left?.(request);
      this.#serveHere();
    });
  }

  /** How many wait in this thread. */
  get size(): number {
    return this.#queue.size;
  }

  /** Whether no other thread knows the primitive and nobody waits: its memory can then be used as any other. */
  get alone(): boolean {
    return !this.#shared && !this.#waits;
  }

  /** Other threads get to know the primitive. */
  share(): void {
    if (this.#shared) return;
    this.#shared = true;
    if (this.#queue.size > 0) this.#watch();
  }

  /** Takes if that is possible at once and nobody in this thread was first. */
  tryTake(request: Q): T | undefined {
    if (this.#queue.size > 0) return undefined;
    return this.#take(request) ?? (this.#mend() ? this.#take(request) : undefined);
  }

  /** Waits until it can take. */
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

  /** Waits in the line. */
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

  /** Blocks this thread until it can take. Those who wait in its loop cannot run meanwhile, so it goes before them. */
  takeSync(request: Q, options: WaitOptions | undefined): T {
    const { timeout, signal } = checkWait(this.#what, options, this.#known);
    signal?.throwIfAborted();
    const taken = this.#take(request) ?? (this.#mend() ? this.#take(request) : undefined);
    if (taken !== undefined) return taken;
    if (timeout === 0) {
      this.#turnstile.left?.(request);
      throw this.#queue.timedOut(timeout);
    }
    return this.#sleep(request, timeout);
  }

  /** Cleans up behind threads that have died since the last time. */
  mend(): void {
    if (this.#shared) this.#mend();
  }

  /** Something may be there to take: serves who waits in this thread, then calls the others. */
  serve(): void {
    if (this.#queue.size > 0) this.#serveHere();
    if (this.#shared) this.#call();
  }

  #waitFor(request: Q, limits: WaitLimits): Promise<T> {
    if (limits.timeout === 0) {
      this.#turnstile.left?.(request);
      return Promise.reject(this.#queue.timedOut(0));
    }
    const over = this.#turnstile.waits?.(false);
    const promise = this.join(request, limits);
    return over === undefined ? promise : promise.finally(over);
  }

  #take(request: Q): T | undefined {
    if (!this.#shared) return this.#turnstile.take(request);
    const next = load(this.#cells, CLAIM);
    const me = currentIdent();
    if (next !== 0 && next !== me) {
      if (!isDead(next)) return undefined;
      compareExchange(this.#cells, CLAIM, next, 0);
    }
    const taken = this.#turnstile.take(request);
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

  /** Becomes a sleeper of this primitive. */
  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    this.#since = now();
    add(this.#cells, SLEEPERS, 1);
    this.#look();
  }

  /** Serves who can be served, then sleeps until called, or for a slice. */
  #look(): void {
    if (!this.#watching) return;
    const epoch = load(this.#cells, EPOCH);
    this.#mend();
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
    const over = this.#turnstile.waits?.(true);
    add(this.#cells, SLEEPERS, 1);
    try {
      for (;;) {
        const epoch = load(this.#cells, EPOCH);
        this.#mend();
        this.#claim(start);
        const taken = this.#take(request);
        if (taken !== undefined) return taken;
        const left = start + timeout - now();
        if (left <= 0) throw this.#queue.timedOut(timeout);
        waitSync(this.#cells, EPOCH, epoch, Math.min(left, SLICE));
        checkAlive();
      }
    } catch (error) {
      this.#turnstile.left?.(request);
      throw error;
    } finally {
      add(this.#cells, SLEEPERS, -1);
      this.#unclaim();
      over?.();
    }
  }

  /** Calls those who sleep in other threads: all of them, as one alone may just have stopped waiting. */
  #call(): void {
    if (load(this.#cells, SLEEPERS) === (this.#watching ? 1 : 0)) return;
    add(this.#cells, EPOCH, 1);
    notifyAll(this.#cells, EPOCH);
  }

  #claim(since: number): void {
    if (!this.#turnstile.exclusive || !this.#shared || now() - since < STARVED) return;
    compareExchange(this.#cells, CLAIM, 0, currentIdent());
  }

  #unclaim(): void {
    if (!this.#shared || load(this.#cells, CLAIM) !== currentIdent()) return;
    store(this.#cells, CLAIM, 0);
    this.#call();
  }

  #mend(): boolean {
    const count = deaths();
    if (count === this.#deaths) return false;
    this.#deaths = count;
    if (this.#turnstile.mend?.() !== true) return false;
    add(this.#cells, EPOCH, 1);
    notifyAll(this.#cells, EPOCH);
    return true;
  }
}
