/**
 * Keeps the failures that were neither observed nor reported, for all executors, threads and processes of this program
 * or worker.
 *
 * This is a separate file because each worker reports its failures when it is idle or ends, and needs no other part of
 * futures for that.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";

/** A failure, as listeners receive it. */
export interface UnobservedFailure {
  /** The name of the task. */
  readonly task: string;
  /** The error of the task. */
  readonly error: unknown;
}

/** The owner of a failure, referenced weakly. */
export interface FailureOwner {
  /** Passes a failure to the listeners; returns false if there are none. */
  announce(failure: UnobservedFailure): boolean;
  /** Removes a failure that was observed or reported. */
  delete(failure: Failure): void;
}

/** All failures that were neither observed nor reported. */
const pending = new Set<Failure>();
let stopExitListener: (() => void) | undefined;
let idle = (): boolean => false;

/**
 * Sets the function that tells whether this worker is idle. A worker cannot report when the program ends, so it reports
 * the failures of its own futures when it becomes idle.
 */
export function reportWhenIdle(isWorkerIdle: () => boolean): void {
  idle = isWorkerIdle;
}

/** Whether this is a worker in which no task runs. */
export function isIdle(): boolean {
  return idle();
}

/** Reports all failures if this is an idle worker. */
export function reportIfIdle(): void {
  if (pending.size > 0 && isIdle()) reportAll(pending);
}

/** Reports all failures, as the program or the worker ends. */
export function reportUnobserved(): void {
  reportAll(pending);
}

/** A failure that was not observed. It is reported once. */
export class Failure implements UnobservedFailure {
  readonly task: string;
  readonly error: unknown;
  readonly #owner: WeakRef<FailureOwner>;

  constructor(task: string, error: unknown, owner: WeakRef<FailureOwner>) {
    this.task = task;
    this.error = error;
    this.#owner = owner;
    pending.add(this);
    stopExitListener ??= runtime.onExit(reportUnobserved);
  }

  /** Passes the failure to a listener, if there is one. */
  announce(): void {
    if (pending.has(this) && this.#owner.deref()?.announce(this)) this.drop();
  }

  /** Passes the failure to a listener, or prints it if there is none. */
  report(): void {
    this.announce();
    if (this.drop()) runtime.printError(this.error);
  }

  /** Removes the failure; returns false if it was removed before. */
  drop(): boolean {
    if (!pending.delete(this)) return false;
    this.#owner.deref()?.delete(this);
    // Without this, a test runner that runs many programs in its process would accumulate listeners.
    if (pending.size === 0) {
      stopExitListener?.();
      stopExitListener = undefined;
    }
    return true;
  }
}

/** Reports failures. */
export function reportAll(failures: Iterable<Failure>): void {
  for (const failure of failures) failure.report();
}
