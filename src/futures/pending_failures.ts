/**
 * The failures that were neither observed nor reported, of all executors, threads and processes of this program or worker.
 *
 * A file of its own, as each worker reports them when it is idle or ends, and needs nothing else of futures for that.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";

/** A failure, as listeners are told of it. */
export interface UnobservedFailure {
  /** The name of the task. */
  readonly task: string;
  /** What it failed with. */
  readonly error: unknown;
}

/** What a failure belongs to. It is referred to weakly. */
export interface FailureOwner {
  /** Tells the listeners of a failure; returns false if there are none. */
  announce(failure: UnobservedFailure): boolean;
  /** Forgets a failure that was observed or reported. */
  delete(failure: Failure): void;
}

/** All failures that were neither observed nor reported. */
const pending = new Set<Failure>();
let stopExitListener: (() => void) | undefined;
let idle = (): boolean => false;

/**
 * Says when no task runs in this worker. A worker cannot report when the program ends, so it reports the failures of its own
 * futures when it becomes idle.
 */
export function reportWhenIdle(isWorkerIdle: () => boolean): void {
  idle = isWorkerIdle;
}

/** Whether this is a worker in which no task runs. */
export function isIdle(): boolean {
  return idle();
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

/** Reports failures. */
export function reportAll(failures: Iterable<Failure>): void {
  for (const failure of failures) failure.report();
}
