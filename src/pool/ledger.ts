/**
 * Settlement: settles, counts and announces the ends of jobs.
 *
 * @module
 */

import { fulfil, markCancelled, reject } from "../futures/future.ts";
import type { Outcome } from "../futures/results.ts";
import { markStopped, UnobservedFailures } from "../futures/unobserved.ts";
import { runtime } from "../runtime/mod.ts";
import { appendCaller } from "./caller.ts";
import type { Announce } from "./events.ts";
import { Meter } from "./meter.ts";
import type { SignalGroup } from "../core/signal_group.ts";
import { SETTLED, type Work } from "./work.ts";

/** Settles futures, and counts and announces their outcomes. Every end of a job passes through here, once. */
export class Ledger {
  /** Failed futures that the program has not observed. */
  readonly unobserved: UnobservedFailures;
  readonly meter: Meter;
  readonly #announce: Announce;
  readonly #signals: SignalGroup<Work>;

  constructor(announce: Announce, signals: SignalGroup<Work>) {
    this.#announce = announce;
    this.#signals = signals;
    this.unobserved = new UnobservedFailures((failure) => announce("unobserved", () => failure));
    this.meter = new Meter(this.unobserved);
  }

  /** Whether there are listeners. Closures for every task are not free. */
  get #watched(): boolean {
    return this.#announce.listened() || runtime.watched("heddle:task");
  }

  /** Records that a job was sent to a worker. */
  started(work: Work, workerId: number): void {
    if (work.announced) return void (work.announced = false);
    this.meter.queueTime.record(work.sentAt! - work.submittedAt!);
    if (this.#watched) this.#announceStart(work, workerId);
  }

  /** Settles a job that has ended. */
  settle(work: Work, outcome: Outcome): void {
    if (work.future.done) return;
    if ("error" in outcome) return this.#failed(work, outcome.error);
    this.meter.completed++;
    // An interrupted chunk ends with the reason as its last outcome.
    if (work.aborted?.gentle) markStopped(work.future);
    this.#ended(work, undefined);
    fulfil(work.future, outcome.value);
  }

  /** Settles a job that was cancelled while it waited. */
  cancelled(work: Work): void {
    this.meter.cancelled++;
    this.#ended(work, undefined);
    markCancelled(work.future);
  }

  /** Settles a job that was aborted while it ran. */
  aborted(work: Work, reason: unknown): void {
    this.meter.failed++;
    this.#stopped(work, reason);
  }

  /** Settles a job that was aborted before it was started. */
  dropped(work: Work, reason: unknown): void {
    this.meter.cancelled++;
    this.#stopped(work, reason);
  }

  #stopped(work: Work, reason: unknown): void {
    this.#ended(work, reason);
    markStopped(work.future);
    reject(work.future, reason);
  }

  #failed(work: Work, error: unknown): void {
    this.meter.failed++;
    const { aborted, caller, task } = work;
    // The reason of an abort belongs to the caller and is not changed.
    if (error !== aborted?.reason) appendCaller(error, caller);
    this.#ended(work, error);
    // An interrupted task that rejects with the reason was aborted and has not failed.
    const stopped = aborted?.gentle === true && error === aborted.reason;
    if (stopped) markStopped(work.future);
    if (reject(work.future, error) || stopped) return;
    this.unobserved.add(work.future, task.definition.name, error);
  }

  #ended(work: Work, error: unknown): void {
    work.state = SETTLED;
    this.#signals.delete(work.options.signal, work);
    work.stopTimer?.();
    work.stopTimer = undefined;
    work.packet = undefined;
    if (this.#watched) this.#announceEnd(work, error);
  }

  // Separate functions, as a function with closures allocates for them before it knows whether it needs them.

  #announceStart(work: Work, workerId: number): void {
    const { name } = work.task.definition;
    this.#announce("taskstart", () => ({ task: name, workerId }));
    runtime.publish("heddle:task", () => ({ type: "start", task: name, workerId }));
  }

  #announceEnd(work: Work, error: unknown): void {
    const { name } = work.task.definition;
    const workerId = work.slot?.id;
    this.#announce("taskend", () => ({ task: name, workerId, error }));
    runtime.publish("heddle:task", () => ({ type: "end", task: name, workerId, error }));
  }
}
