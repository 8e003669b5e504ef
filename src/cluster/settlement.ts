/**
 * The outcomes of the tasks of a `ClusterExecutor`.
 *
 * @module
 */

import { SignalGroup } from "../core/signal_group.ts";
import { fulfil, markCancelled, reject, reportProgress } from "../futures/future.ts";
import type { Outcome } from "../futures/source.ts";
import { markFinished, markUnfinished } from "../futures/unfinished.ts";
import { markStopped, UnobservedFailures } from "../futures/unobserved.ts";
import { appendCaller } from "../pool/engine/caller.ts";
import type { Announce } from "../pool/events.ts";
import { Metrics } from "../pool/engine/metrics.ts";
import { runtime } from "../runtime/mod.ts";
import { type ClusterTask, OVER, RUNNING, WAITING } from "./cluster_task.ts";
import type { ClusterClock } from "./options.ts";

/** Hosts have no worker number. */
const NO_WORKER = 0;

/** Settles futures, and counts and announces their outcomes. Each task is settled here once. */
export class Settlement {
  readonly unobserved: UnobservedFailures;
  readonly metrics: Metrics;
  readonly #announce: Announce;
  readonly #signals: SignalGroup<ClusterTask>;
  readonly #clock: ClusterClock;
  readonly #estimates = new Map<string, number>();
  readonly #left: (task: ClusterTask) => void;

  /**
   * @param stop stops a task whose signal has fired.
   * @param left is called for each task whose future is done.
   */
  constructor(
    announce: Announce,
    clock: ClusterClock,
    stop: (task: ClusterTask, reason: unknown) => void,
    left: (task: ClusterTask) => void,
  ) {
    this.#announce = announce;
    this.#clock = clock;
    this.#left = left;
    this.#signals = new SignalGroup(stop);
    this.unobserved = new UnobservedFailures((failure) => announce("unobserved", () => failure));
    this.metrics = new Metrics(this.unobserved);
  }

  /** Watches the signal of a task. */
  watch(task: ClusterTask): void {
    this.#signals.add(task.options.signal, task);
  }

  /** The expected duration of a task, in milliseconds. */
  estimate(name: string): number | undefined {
    return this.#estimates.get(name);
  }

  /** A host has begun a task. */
  started(task: ClusterTask): void {
    if (task.state === RUNNING) return;
    task.state = RUNNING;
    task.startedAt = this.#clock.now();
    this.metrics.queueTime.record(task.startedAt - task.submittedAt);
    if (!this.#announce.listened() && !runtime.watched("heddle:task")) return;
    this.#announce("taskstart", () => ({ task: task.name, workerId: NO_WORKER }));
    runtime.publish("heddle:task", () => ({ type: "start", task: task.name, workerId: NO_WORKER }));
  }

  /** An attempt has failed or its host was lost: the task waits again. */
  paused(task: ClusterTask): void {
    this.#learn(task);
    task.state = WAITING;
  }

  /** Reports progress. */
  progress(task: ClusterTask, value: unknown): void {
    reportProgress(task.future, value);
  }

  /** A task has ended. */
  settle(task: ClusterTask, outcome: Outcome, stopped = false): void {
    if (task.future.done) return this.finished(task);
    if ("error" in outcome) return this.#failed(task, outcome.error, stopped);
    this.#learn(task);
    this.metrics.completed++;
    this.#ended(task, undefined);
    fulfil(task.future, task.items === 1 ? [{ value: outcome.value }] : outcome.value);
  }

  /** A task was cancelled before it ran. */
  cancelled(task: ClusterTask): void {
    this.metrics.cancelled++;
    this.#ended(task, undefined);
    markCancelled(task.future);
  }

  /** A task was stopped before it ran. */
  dropped(task: ClusterTask, reason: unknown): void {
    this.metrics.cancelled++;
    this.#stopped(task, reason);
  }

  /** A task that may still run was aborted or has timed out: `finished` follows. */
  stopping(task: ClusterTask, reason: unknown, late: boolean): void {
    markUnfinished(task.future);
    task.aborted = { reason };
    task.late = late;
    if (late) return this.#failed(task, reason, false);
    if (task.state === RUNNING) this.metrics.failed++;
    else this.metrics.cancelled++;
    this.#stopped(task, reason);
  }

  /** A task whose future is done no longer runs. */
  finished(task: ClusterTask): void {
    markFinished(task.future);
  }

  /** Rejects a future whose task goes on. */
  abandoned(task: ClusterTask, error: unknown): void {
    this.#stopped(task, error);
  }

  #stopped(task: ClusterTask, reason: unknown): void {
    this.#ended(task, reason);
    markStopped(task.future);
    reject(task.future, reason);
  }

  #failed(task: ClusterTask, error: unknown, stopped: boolean): void {
    this.#learn(task);
    this.metrics.failed++;
    if (!stopped) appendCaller(error, task.caller);
    this.#ended(task, error);
    if (stopped) markStopped(task.future);
    if (reject(task.future, error) || stopped) return;
    this.unobserved.add(task.future, task.name, error);
  }

  #learn(task: ClusterTask): void {
    if (task.state !== RUNNING) return;
    const time = this.#clock.now() - task.startedAt;
    this.metrics.runTime.record(time);
    this.metrics.transferTime.record(Math.max(0, task.acceptedAt - task.submittedAt));
    this.#estimates.set(task.name, time / (task.items ?? 1));
  }

  #ended(task: ClusterTask, error: unknown): void {
    task.state = OVER;
    this.#signals.delete(task.options.signal, task);
    task.future.settleAccepted(
      task.acceptedAt >= 0 ? {} : { error: error ?? new DOMException("Cancelled", "AbortError") },
    );
    this.#left(task);
    if (!this.#announce.listened() && !runtime.watched("heddle:task")) return;
    this.#announce("taskend", () => ({ task: task.name, workerId: NO_WORKER, error }));
    runtime.publish("heddle:task", () => ({ type: "end", task: task.name, workerId: NO_WORKER, error }));
  }
}
