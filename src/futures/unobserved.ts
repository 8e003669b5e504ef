/**
 * Failures that the program has not observed.
 *
 * The promise of a future is created on first use, so the runtime never reports a future that fails without one. This
 * module reports the failure instead: to the listeners of its executor, or on the console.
 *
 * Only the error is kept. Nothing here refers to the future, so that it can be collected. A future that succeeds costs
 * nothing.
 *
 * @module
 */

import { releaseFrames } from "../core/frames.ts";
import { runtime } from "../runtime/mod.ts";
import { type Future, reject, whenObserved } from "./future.ts";
import { Failure, isIdle, reportAll, type UnobservedFailure } from "./pending_failures.ts";

export type { UnobservedFailure };

/** Passes a failure to the listeners; returns false if there are none. */
export type AnnounceUnobserved = (failure: UnobservedFailure) => boolean;

/** Reports a failure when its future is collected. */
const collected = new FinalizationRegistry<Failure>((failure) => failure.report());
/** Members of task groups: `join()` of the group rejects with their failures. */
const expected = new WeakSet<Future<unknown>>();
/** Futures that were rejected because their task was stopped. */
const stopped = new WeakSet<Future<unknown>>();

/** The unobserved failures of one executor, thread or process. */
export class UnobservedFailures {
  readonly #announce: AnnounceUnobserved;
  readonly #pending = new Set<Failure>();
  #closed = false;
  /** Failed futures that have not been observed, reported or not. */
  count = 0;

  constructor(announce: AnnounceUnobserved) {
    this.#announce = announce;
  }

  /** Adds a future that has failed and was not observed. */
  add(future: Future<unknown>, task: string, error: unknown): void {
    this.count++;
    releaseFrames(error);
    const failure = new Failure(task, error, new WeakRef(this));
    this.#pending.add(failure);
    collected.register(future, failure);
    whenObserved(future, () => {
      this.count--;
      failure.drop();
    });
    const isExpected = expected.has(future);
    runtime.defer(() => {
      if (this.#closed || isIdle()) failure.report();
      else if (!isExpected) failure.announce();
    });
  }

  /**
   * Reports the remaining failures in the next turn of the loop, so that callers may still await a future right after a
   * `shutdown` or a `join`. Later failures are reported one turn after they occur.
   */
  close(): void {
    this.#closed = true;
    if (this.#pending.size > 0) runtime.defer(() => reportAll(this.#pending));
  }

  /** Removes a failure that was observed or reported. */
  delete(failure: Failure): void {
    this.#pending.delete(failure);
  }

  /** Passes a failure to the listeners; returns false if there are none. */
  announce(failure: UnobservedFailure): boolean {
    return this.#announce(failure);
  }
}

/** Rejects a future that belongs to no executor. A failure that is never observed is printed. */
export function rejectAlone(future: Future<unknown>, error: unknown): void {
  if (!reject(future, error)) unowned.add(future, "unknown", error);
}

/**
 * Marks a future whose failure a group passes on: the failure is not announced early, but still reported in the end.
 */
export function expectObserver(future: Future<unknown>): void {
  expected.add(future);
}

/**
 * Marks a future whose task was stopped, which is not a failure. Must be called before the rejection, which calls back.
 */
export function markStopped(future: Future<unknown>): void {
  stopped.add(future);
}

/** Whether a future was rejected because its task was stopped. */
export function wasStopped(future: Future<unknown>): boolean {
  return stopped.has(future);
}

/** The failures of futures that belong to no executor. */
export const unowned: UnobservedFailures = new UnobservedFailures(() => false);
