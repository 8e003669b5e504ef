/**
 * Futures that follow from other futures.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import {
  fulfil,
  Future,
  markCancelled,
  observe,
  outcomeOf,
  reject,
  removeDoneCallback,
  reportProgress,
  whenDone,
  whenObserved,
} from "./future.ts";
import type { FutureSource } from "./source.ts";
import { ownFuture } from "./own_future.ts";
import { type Reservation, reserve, type Revoked, settleRevoked } from "./reservation.ts";
import { markStopped, rejectAlone, wasStopped } from "./unobserved.ts";

/** The failed future at the start of a chain. Observing any future of the chain observes it. */
const origins = new WeakMap<Future<unknown>, Future<unknown>>();
/** Number of links that wait for a future. */
const waiting = new WeakMap<Future<unknown>, number>();

const due: (() => void)[] = [];
let relaying = false;

/**
 * Returns the future of work that is submitted once another future has its value.
 *
 * @param executor where the work is submitted; its shutdown waits for the link.
 */
export function chain<T, R>(before: Future<T>, submit: (value: T) => Future<R>, executor?: object): Future<R> {
  return new Link(before, submit, executor).future;
}

/**
 * Settles a future with the outcome of another one. Observing the later future observes the failure of the first.
 *
 * May return before the future is settled, if called from within {@linkcode relay}.
 */
export function follow<T>(from: Future<T>, to: Future<T>): void {
  relay(() => {
    const outcome = outcomeOf(from);
    if (outcome === undefined) markCancelled(to);
    else if ("value" in outcome) fulfil(to, outcome.value as T);
    else fail(to, outcome.error, from);
  });
}

/** Rejects a future because of another one. */
export function fail(future: Future<unknown>, error: unknown, cause: Future<unknown>): void {
  const origin = origins.get(cause) ?? cause;
  origins.set(future, origin);
  if (wasStopped(cause)) markStopped(future);
  if (reject(future, error)) observe(origin);
  else whenObserved(future, () => observe(origin));
}

/** Runs functions one after another: nested calls of a long chain would overflow the stack. */
export function relay(fn: () => void): void {
  due.push(fn);
  if (relaying) return;
  relaying = true;
  for (const next of due) {
    try {
      next();
    } catch (error) {
      // An error in one function does not stop the others in the queue.
      runtime.printError(error);
    }
  }
  due.length = 0;
  relaying = false;
}

/** Waits for a future, then for the work that is submitted with its value. */
class Link<T, R> implements FutureSource {
  readonly future: Future<R> = new Future<R>(this);
  readonly #before: Future<T>;
  readonly #submit: (value: T) => Future<R>;
  readonly #next: () => void;
  readonly #reservation: Reservation | undefined;
  #inner: Future<R> | undefined;

  constructor(before: Future<T>, submit: (value: T) => Future<R>, executor: object | undefined) {
    const enter = runtime.captureContext();
    this.#before = before;
    this.#submit = submit;
    this.#next = () => relay(() => enter(() => this.#go()));
    waiting.set(before, (waiting.get(before) ?? 0) + 1);
    if (!before.done) this.#reservation = reserve(executor, (how) => this.#revoked(how));
    whenDone(before, this.#next);
  }

  get running(): boolean {
    return this.#inner?.running ?? false;
  }

  cancel(): boolean {
    if (this.#inner !== undefined) return this.#inner.cancel();
    const last = this.#leave();
    this.#reservation?.release();
    markCancelled(this.future);
    if (last) relay(() => this.#before.cancel());
    return true;
  }

  abort(reason: unknown): void {
    if (this.#inner !== undefined) return this.#inner.abort(reason);
    const last = this.#leave();
    this.#reservation?.release();
    reject(this.future, reason);
    if (last) relay(() => this.#before.abort(reason));
  }

  /** Stops waiting; returns true if no other link waits for the future. */
  #leave(): boolean {
    removeDoneCallback(this.#before, this.#next);
    const left = waiting.get(this.#before)! - 1;
    waiting.set(this.#before, left);
    return left === 0;
  }

  /**
   * The executor drops its pending links. The future that this link waits for may belong to another executor, and goes
   * on.
   */
  #revoked(how: Revoked): void {
    if (this.#inner !== undefined || this.future.done) return;
    this.#leave();
    settleRevoked(this.future, how);
  }

  #go(): void {
    if (this.future.done) return;
    const outcome = outcomeOf(this.#before);
    if (outcome === undefined || "error" in outcome) {
      this.#reservation?.release();
      return follow(this.#before as Future<never>, this.future);
    }
    const submit = () => ownFuture(this.#submit(outcome.value as T));
    try {
      this.#inner = this.#reservation === undefined ? submit() : this.#reservation.use(submit);
    } catch (error) {
      return rejectAlone(this.future, error);
    }
    this.#inner.onProgress((value) => reportProgress(this.future, value));
    whenDone(this.#inner, (inner) => follow(inner, this.future));
  }
}
