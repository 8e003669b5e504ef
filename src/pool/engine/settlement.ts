/**
 * Settlement: settles, counts and announces the ends of jobs.
 *
 * @module
 */

import { fulfil, markCancelled, reject } from "../../futures/future.ts";
import type { Outcome } from "../../futures/source.ts";
import { markStopped, UnobservedFailures } from "../../futures/unobserved.ts";
import { runtime } from "../../runtime/mod.ts";
import { appendCaller } from "./caller.ts";
import type { Announce } from "../events.ts";
import { Metrics } from "./metrics.ts";
import type { SignalGroup } from "../../core/signal_group.ts";
import { type Job, SETTLED } from "./job.ts";

/** Settles futures, and counts and announces their outcomes. Every end of a job passes through here, once. */
export class Settlement {
  /** Failed futures that the program has not observed. */
  readonly unobserved: UnobservedFailures;
  readonly metrics: Metrics;
  readonly #announce: Announce;
  readonly #signals: SignalGroup<Job>;

  constructor(announce: Announce, signals: SignalGroup<Job>) {
    this.#announce = announce;
    this.#signals = signals;
    this.unobserved = new UnobservedFailures((failure) => announce("unobserved", () => failure));
    this.metrics = new Metrics(this.unobserved);
  }

  /** Whether there are listeners. Closures for every task are not free. */
  get #watched(): boolean {
    return this.#announce.listened() || runtime.watched("heddle:task");
  }

  /** Records that a job was sent to a worker. */
  started(job: Job, workerId: number): void {
    if (job.announced) return void (job.announced = false);
    this.metrics.queueTime.record(job.sentAt! - job.submittedAt!);
    if (this.#watched) this.#announceStart(job, workerId);
  }

  /** Settles a job that has ended. */
  settle(job: Job, outcome: Outcome): void {
    if (job.future.done) return;
    if ("error" in outcome) return this.#failed(job, outcome.error);
    this.metrics.completed++;
    // An interrupted chunk ends with the reason as its last outcome.
    if (job.aborted?.gentle) markStopped(job.future);
    this.#ended(job, undefined);
    fulfil(job.future, outcome.value);
  }

  /** Settles a job that was cancelled while it waited. */
  cancelled(job: Job): void {
    this.metrics.cancelled++;
    this.#ended(job, undefined);
    markCancelled(job.future);
  }

  /** Settles a job that was aborted while it ran. */
  aborted(job: Job, reason: unknown): void {
    this.metrics.failed++;
    this.#stopped(job, reason);
  }

  /** Settles a job that was aborted before it was started. */
  dropped(job: Job, reason: unknown): void {
    this.metrics.cancelled++;
    this.#stopped(job, reason);
  }

  #stopped(job: Job, reason: unknown): void {
    this.#ended(job, reason);
    markStopped(job.future);
    reject(job.future, reason);
  }

  #failed(job: Job, error: unknown): void {
    this.metrics.failed++;
    const { aborted, caller, task } = job;
    // The reason of an abort belongs to the caller and is not changed.
    if (error !== aborted?.reason) appendCaller(error, caller);
    this.#ended(job, error);
    // An interrupted task that rejects with the reason was aborted and has not failed.
    const stopped = aborted?.gentle === true && error === aborted.reason;
    if (stopped) markStopped(job.future);
    if (reject(job.future, error) || stopped) return;
    this.unobserved.add(job.future, task.definition.name, error);
  }

  #ended(job: Job, error: unknown): void {
    job.state = SETTLED;
    this.#signals.delete(job.options.signal, job);
    job.stopTimer?.();
    job.stopTimer = undefined;
    job.packet = undefined;
    if (this.#watched) this.#announceEnd(job, error);
  }

  // Separate functions, as a function with closures allocates for them before it knows whether it needs them.

  #announceStart(job: Job, workerId: number): void {
    const { name } = job.task.definition;
    this.#announce("taskstart", () => ({ task: name, workerId }));
    runtime.publish("heddle:task", () => ({ type: "start", task: name, workerId }));
  }

  #announceEnd(job: Job, error: unknown): void {
    const { name } = job.task.definition;
    const workerId = job.worker?.id;
    this.#announce("taskend", () => ({ task: name, workerId, error }));
    runtime.publish("heddle:task", () => ({ type: "end", task: name, workerId, error }));
  }
}
