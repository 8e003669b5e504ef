/**
 * Failures that the program has not looked at.
 *
 * The promise of a future is made when it is first asked for, so the runtime never reports a future that fails without one.
 * This module reports it instead: to the listeners of its executor, or on the console.
 *
 * A failure is known by its error alone. Nothing here refers to the future, so that it can be collected; the executor or
 * thread is referred to weakly. A future that succeeds costs nothing.
 *
 * @module
 */

import { releaseFrames } from "../core/frames.ts";
import { runtime } from "../runtime/mod.ts";
import { type Future, reject, whenObserved } from "./future.ts";

/** A failure, as listeners are told of it. */
export interface UnobservedFailure {
  /** The name of the task. */
  readonly task: string;
  /** What it failed with. */
  readonly error: unknown;
}

/** Announces a failure; returns false if there is no listener. */
export type AnnounceUnobserved = (failure: UnobservedFailure) => boolean;

/** All failures that were neither observed nor reported. */
const pending = new Set<Failure>();
/** Reports a failure when its future is collected. */
const collected = new FinalizationRegistry<Failure>((failure) => failure.report());
/** Members of task groups: `join()` of the group rejects with their failures. */
const expected = new WeakSet<Future<unknown>>();
/** Futures that were rejected because their task was told to stop. */
const stopped = new WeakSet<Future<unknown>>();

let stopExitListener: (() => void) | undefined;
let isIdle = (): boolean => false;

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
   * Reports what is left in the next turn of the loop, so that callers may still await a future right behind a `shutdown` or
   * a `join`. Later failures are reported one turn after they occur.
   */
  close(): void {
    this.#closed = true;
    if (this.#pending.size > 0) runtime.defer(() => reportAll(this.#pending));
  }

  /** Forgets a failure that was observed or reported. */
  delete(failure: Failure): void {
    this.#pending.delete(failure);
  }

  /** Tells the listeners of a failure; returns false if there are none. */
  announce(failure: UnobservedFailure): boolean {
    return this.#announce(failure);
  }
}

/** Rejects a future that belongs to no executor; a failure that is never observed is printed. */
export function rejectAlone(future: Future<unknown>, error: unknown): void {
  if (!reject(future, error)) unowned.add(future, "unknown", error);
}

/** Says that the failure of a future is handed on: it is not announced until it is reported. */
export function expectObserver(future: Future<unknown>): void {
  expected.add(future);
}

/** Says that a future ends because its task was told to stop: it has not failed. To be called first, as the end calls back. */
export function markStopped(future: Future<unknown>): void {
  stopped.add(future);
}

/** Whether a future has ended because its task was told to stop. */
export function wasStopped(future: Future<unknown>): boolean {
  return stopped.has(future);
}

/**
 * Says when no task runs in this worker. A worker cannot report when the program ends, so it reports the failures of its own
 * futures when it becomes idle.
 */
export function reportWhenIdle(idle: () => boolean): void {
  isIdle = idle;
}

/** Reports all failures if this is a worker and it is idle. */
export function reportIfIdle(): void {
  if (pending.size > 0 && isIdle()) reportAll(pending);
}

/** Reports all failures: the program or the worker ends. */
export function reportUnobserved(): void {
  reportAll(pending);
}

/** A failure that was not observed. It is reported once. */
class Failure implements UnobservedFailure {
  readonly task: string;
  readonly error: unknown;
  readonly #owner: WeakRef<UnobservedFailures>;

  constructor(task: string, error: unknown, owner: WeakRef<UnobservedFailures>) {
    this.task = task;
    this.error = error;
    this.#owner = owner;
    pending.add(this);
    stopExitListener ??= runtime.onExit(reportUnobserved);
  }

  /** Announces it if there is a listener. */
  announce(): void {
    if (pending.has(this) && this.#owner.deref()?.announce(this)) this.drop();
  }

  /** Announces it, or prints it if there is no listener. */
  report(): void {
    this.announce();
    if (this.drop()) runtime.printError(this.error);
  }

  /** Forgets it; returns false if that was done before. */
  drop(): boolean {
    if (!pending.delete(this)) return false;
    this.#owner.deref()?.delete(this);
    // A test runner that keeps its process for many programs would otherwise collect listeners.
    if (pending.size === 0) {
      stopExitListener?.();
      stopExitListener = undefined;
    }
    return true;
  }
}

/** The failures of futures that belong to no executor. */
export const unowned: UnobservedFailures = new UnobservedFailures(() => false);

function reportAll(failures: Iterable<Failure>): void {
  for (const failure of failures) failure.report();
}
