/**
 * The one waiting line: everything that makes its callers wait in this thread does it here.
 *
 * @module
 */

import { TimeoutError } from "./errors.ts";
import { SignalGroup } from "./signal_group.ts";
import type { WaitLimits } from "./wait_options.ts";

/** What a line needs of time. */
export interface Clock {
  /** Milliseconds on a clock that only goes forward. */
  now(): number;
  /** Calls back once after a delay; returns what cancels the call. */
  startTimer(delay: number, fn: () => void): () => void;
}

/** One who waits. Queued until it is granted or cancelled, whichever comes first; in neither case anything follows. */
interface Waiter<Q, T> {
  readonly request: Q;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
  stopTimer: (() => void) | undefined;
  queued: boolean;
  before: Waiter<Q, T> | undefined;
  after: Waiter<Q, T> | undefined;
}

/**
 * A line of waiters, served from the front. Joining, being granted and leaving from anywhere are O(1).
 *
 * @typeParam Q what a waiter asks for.
 * @typeParam T what it is granted.
 */
export class WaitQueue<Q, T> {
  readonly #clock: Clock;
  readonly #what: string;
  readonly #left: (request: Q) => void;
  readonly #signals = new SignalGroup<Waiter<Q, T>>((waiter, reason) => this.#cancel(waiter, reason));
  #first: Waiter<Q, T> | undefined;
  #last: Waiter<Q, T> | undefined;
  #size = 0;

  /**
   * @param what begins the message of a timeout, as in "Cannot acquire a Lock".
   * @param left is called when a waiter has left by itself: those behind it may be served now.
   */
  constructor(clock: Clock, what: string, left: (request: Q) => void = () => {}) {
    this.#clock = clock;
    this.#what = what;
    this.#left = left;
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** What the first in the line asks for. */
  get head(): Q | undefined {
    return this.#first?.request;
  }

  /**
   * Waits at the end of the line.
   *
   * @throws {TimeoutError} if it is not granted in time; at once for a timeout of 0.
   * @throws the signal's reason if it is aborted.
   */
  join(request: Q, { timeout, signal }: WaitLimits): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (timeout === 0) return Promise.reject(this.timedOut(timeout));
    return new Promise<T>((resolve, reject) => {
      const before = this.#last;
      const waiter: Waiter<Q, T> = {
        request,
        signal,
        resolve,
        reject,
        stopTimer: undefined,
        queued: true,
        before,
        after: undefined,
      };
      if (before === undefined) this.#first = waiter;
      else before.after = waiter;
      this.#last = waiter;
      this.#size++;
      if (timeout !== Infinity) {
        waiter.stopTimer = this.#clock.startTimer(timeout, () => this.#cancel(waiter, this.timedOut(timeout)));
      }
      this.#signals.add(signal, waiter);
    });
  }

  /**
   * Serves from the front for as long as `take` has something to grant. A waiter for whom `take` throws is rejected with
   * the error, one whose signal is aborted with its reason.
   *
   * @returns how many were served.
   */
  admit(take: (request: Q) => T | undefined): number {
    let served = 0;
    let gone: Waiter<Q, T>[] | undefined;
    for (let waiter = this.#first; waiter !== undefined; waiter = this.#first) {
      // The signal tells its listeners one after the other: what one of them gives back is not for those still to be told.
      if (waiter.signal?.aborted) {
        this.#remove(waiter);
        waiter.reject(waiter.signal.reason);
        (gone ??= []).push(waiter);
        continue;
      }
      let granted: T | undefined;
      try {
        granted = take(waiter.request);
      } catch (error) {
        this.#remove(waiter);
        waiter.reject(error);
        continue;
      }
      if (granted === undefined) break;
      this.#remove(waiter);
      waiter.resolve(granted);
      served++;
    }
    // Only now, as this may call back: ten thousand under one signal must not be ten thousand calls deep.
    gone?.forEach(({ request }) => this.#left(request));
    return served;
  }

  /** Rejects all who wait. */
  rejectAll(reason: unknown): void {
    for (let waiter = this.#first; waiter !== undefined; waiter = this.#first) {
      this.#remove(waiter);
      waiter.reject(reason);
    }
  }

  /** The error of a wait that has run out of time. */
  timedOut(timeout: number): TimeoutError {
    return new TimeoutError(`${this.#what} within ${timeout} ms`);
  }

  #cancel(waiter: Waiter<Q, T>, reason: unknown): void {
    if (!waiter.queued) return;
    this.#remove(waiter);
    waiter.reject(reason);
    this.#left(waiter.request);
  }

  /** The one way out of the line. */
  #remove(waiter: Waiter<Q, T>): void {
    const { before, after } = waiter;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    waiter.before = waiter.after = undefined;
    waiter.queued = false;
    this.#size--;
    waiter.stopTimer?.();
    this.#signals.delete(waiter.signal, waiter);
  }
}
