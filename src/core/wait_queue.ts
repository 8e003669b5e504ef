/**
 * The wait queue on which all waits of this thread are built.
 *
 * @module
 */

import { TimeoutError } from "./errors.ts";
import { SignalGroup } from "./signal_group.ts";
import type { WaitLimits } from "./wait_options.ts";

/** The time functions that a wait queue needs. */
export interface Clock {
  /** Returns milliseconds on a monotonic clock. */
  now(): number;
  /** Calls `fn` once after a delay; returns a function that cancels the call. */
  startTimer(delay: number, fn: () => void): () => void;
}

/** A waiter. It is queued until it is granted or cancelled, whichever is first; the other then has no effect. */
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
 * A FIFO queue of waiters. Joining, granting and leaving from any position are O(1).
 *
 * @typeParam Q the request of a waiter.
 * @typeParam T the value that a waiter is granted.
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
   * @param what the start of the message of a timeout, as in "Cannot acquire a Lock".
   * @param left called when a waiter has timed out or was aborted: the waiters behind it may be served now.
   */
  constructor(clock: Clock, what: string, left: (request: Q) => void = () => {}) {
    this.#clock = clock;
    this.#what = what;
    this.#left = left;
  }

  /** The number of waiters. */
  get size(): number {
    return this.#size;
  }

  /** The request of the first waiter. */
  get head(): Q | undefined {
    return this.#first?.request;
  }

  /**
   * Waits at the end of the queue.
   *
   * @throws {TimeoutError} if the request is not granted in time; at once for a timeout of 0.
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
   * Serves waiters from the front until `take` returns undefined. A waiter is rejected if `take` throws, or if its
   * signal is aborted.
   *
   * @returns the number of waiters served.
   */
  admit(take: (request: Q) => T | undefined): number {
    let served = 0;
    let gone: Waiter<Q, T>[] | undefined;
    for (let waiter = this.#first; waiter !== undefined; waiter = this.#first) {
      // An aborted signal notifies its waiters one after another. A permit that one of them returns must not be granted
      // to a waiter of the same signal that is still to be notified.
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
    // `left` may call `admit` again. Calling it in the loop would recurse once for each waiter of an aborted signal.
    gone?.forEach(({ request }) => this.#left(request));
    return served;
  }

  /** Rejects all waiters. */
  rejectAll(reason: unknown): void {
    for (let waiter = this.#first; waiter !== undefined; waiter = this.#first) {
      this.#remove(waiter);
      waiter.reject(reason);
    }
  }

  /** Rejects the waiters whose request meets a condition; returns their number. */
  rejectIf(condition: (request: Q) => boolean, reason: unknown): number {
    let rejected = 0;
    for (let waiter = this.#first; waiter !== undefined;) {
      const { after } = waiter;
      if (condition(waiter.request)) {
        this.#remove(waiter);
        waiter.reject(reason);
        rejected++;
      }
      waiter = after;
    }
    return rejected;
  }

  /** Makes the error of a wait that has timed out. */
  timedOut(timeout: number): TimeoutError {
    return new TimeoutError(`${this.#what} within ${timeout} ms`);
  }

  #cancel(waiter: Waiter<Q, T>, reason: unknown): void {
    if (!waiter.queued) return;
    this.#remove(waiter);
    waiter.reject(reason);
    this.#left(waiter.request);
  }

  /** Removes a waiter from the queue; every waiter leaves through this method. */
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
