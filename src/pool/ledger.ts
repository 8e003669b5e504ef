/**
 * What has become of the tasks of a pool.
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

/** Settles futures, and counts and announces how they ended. All ends of a task come through here, once. */
export class Ledger {
  /** Failed futures that the program has not looked at. */
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

  /** Whether it is worth to say what happens: closures for every task are not free. */
  get #watched(): boolean {
    return this.#announce.listened() || runtime.watched("heddle:task");
  }

  /** A task is on its way to a worker. */
  started(work: Work, workerId: number): void {
    if (work.announced) return void (work.announced = false);
    this.meter.queueTime.record(work.sentAt! - work.submittedAt!);
    if (this.#watched) this.#announceStart(work, workerId);
  }

  /** A task has ended. */
  settle(work: Work, outcome: Outcome): void {
    if (work.future.done) return;
    if ("error" in outcome) return this.#failed(work, outcome.error);
    this.meter.completed++;
    // A chunk that was interrupted ends with the reason as its last outcome.
    if (work.aborted?.gentle) markStopped(work.future);
    this.#ended(work, undefined);
    fulfil(work.future, outcome.value);
  }

  /** A task was cancelled while it waited. */
  cancelled(work: Work): void {
    this.meter.cancelled++;
    this.#ended(work, undefined);
    markCancelled(work.future);
  }

  /** A task was aborted while it ran: nobody waits for what it still does. */
  aborted(work: Work, reason: unknown): void {
    this.meter.failed++;
    this.#stopped(work, reason);
  }

  /** A task was aborted before it was started. */
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
    // The reason of an abort belongs to the caller, who finds it as it was given.
    if (error !== aborted?.reason) appendCaller(error, caller);
    this.#ended(work, error);
    // A task that was interrupted and ended in the reason was aborted: it has not failed.
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

  // Functions of their own, as one that makes closures allocates for them before it knows whether it will.

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
