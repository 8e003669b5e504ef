/**
 * One step of a pipeline, and the items that go through it.
 *
 * @module
 */

import { Deque } from "../core/deque.ts";
import type { EnterContext } from "../runtime/types.ts";
import { fail, relay } from "./chain.ts";
import type { Executor } from "./executor.ts";
import { fulfil, Future, markCancelled, observe, outcomeOf, reject, reportProgress, whenDone } from "./future.ts";
import type { FutureSource } from "./source.ts";
import { ownFuture } from "./own_future.ts";
import { type Reservation, reserve, type Revoked, settleRevoked } from "./reservation.ts";
import { isUnfinished, whenFinished } from "./unfinished.ts";
import { rejectAlone } from "./unobserved.ts";

/** Submits the task of a step with a value. */
export type Submit = (value: unknown) => Future<unknown>;
/** Returns the value that replaces a failed result. */
export type Handler = (error: unknown) => unknown;

/** A part of a pipeline. */
export type Part = Stage | Handler;

/**
 * A step: a bounded number of items in work, and a bounded number that wait for it. An item whose task is done keeps
 * its place until the next step has room for it. So a slow step slows down the steps before it, and memory stays
 * bounded.
 */
export class Stage {
  /** The name of its task. */
  readonly name: string;
  readonly #submit: Submit;
  readonly #executor: () => Executor | undefined;
  readonly #concurrency: number;
  readonly #bufferSize: number;
  readonly #queue = new Deque<Item>();
  /** Items that wait for room here; each keeps its place in the step before. */
  readonly #outside = new Deque<Item>();
  #taken = 0;
  #queued = 0;

  /** @param executor returns the executor of the step, if it was created. */
  constructor(
    name: string,
    submit: Submit,
    executor: () => Executor | undefined,
    concurrency: number,
    bufferSize: number,
  ) {
    this.name = name;
    this.#submit = submit;
    this.#executor = executor;
    this.#concurrency = concurrency;
    this.#bufferSize = bufferSize;
  }

  /** The executor of the step; undefined if it was not created yet. */
  get executor(): Executor | undefined {
    return this.#executor();
  }

  /** Maximum number of items in the step. */
  get capacity(): number {
    return this.#concurrency + this.#bufferSize;
  }

  /** Accepts an item once there is room for it. */
  enter(item: Item): void {
    this.#outside.push(item);
    this.#fill();
  }

  /** Frees the place of an item that has entered the next step or has ended. */
  leave(): void {
    this.#taken--;
    this.#fill();
  }

  /** Removes an item that has ended while it waited. Its queue entry is skipped later. */
  forget(item: Item): void {
    if (item.inside) this.#queued--;
    this.#fill();
  }

  #fill(): void {
    for (;;) {
      while (this.#taken < this.#concurrency && this.#queued > 0) this.#start();
      const next = this.#outside.peek();
      if (next === undefined) return;
      if (!next.future.done && this.#queued >= this.#bufferSize && this.#taken >= this.#concurrency) return;
      this.#outside.shift();
      if (next.future.done) continue;
      next.inside = true;
      this.#queue.push(next);
      this.#queued++;
      next.arrived();
    }
  }

  #start(): void {
    const item = this.#queue.shift()!;
    if (item.future.done) return;
    this.#queued--;
    this.#taken++;
    item.inside = false;
    item.run(this.#submit, this.executor);
  }
}

/** A value on its way through a pipeline. */
export class Item implements FutureSource {
  readonly future: Future<unknown> = new Future<unknown>(this);
  /** Whether the item is in a step's queue, rather than waiting for room there. */
  inside = false;
  readonly #parts: readonly Part[];
  readonly #enter: EnterContext;
  readonly #over: () => void;
  #value: unknown;
  #place = 0;
  /** The step whose queue the item is in, or waits for. */
  #stage: Stage | undefined;
  /** The last step that ran the item. */
  last: Stage | undefined;
  /** The step in which the item still has a place. */
  #kept: Stage | undefined;
  #task: Future<unknown> | undefined;
  #aborted: { readonly reason: unknown } | undefined;
  /** Reservations at the executors of its steps, which must not end before the item has been there. */
  readonly #reservations = new Map<Executor, Reservation>();
  #revoked: Map<Executor, Revoked> | undefined;
  /** Counts the item itself and the tasks that still run although their futures are done. */
  #parties = 1;

  /**
   * @param enter runs a function in the async context of the caller.
   * @param over called when the item has ended and none of its tasks runs.
   */
  constructor(parts: readonly Part[], value: unknown, enter: EnterContext, over: () => void) {
    this.#parts = parts;
    this.#value = value;
    this.#enter = enter;
    this.#over = over;
  }

  get running(): boolean {
    return this.#task?.running ?? false;
  }

  /** Starts with the first step, or with the first handler of an error. */
  start(failure?: { readonly error: unknown }): Future<unknown> {
    for (const part of this.#parts) {
      const executor = part instanceof Stage ? part.executor : undefined;
      if (executor === undefined || this.#reservations.has(executor)) continue;
      const reservation = reserve(executor, (how) => this.#revoke(executor, how));
      if (reservation !== undefined) this.#reservations.set(executor, reservation);
    }
    if (failure === undefined) this.#go();
    else this.#failed(failure.error, undefined);
    return this.future;
  }

  /** Frees the place in the step before, as the next step has room. */
  arrived(): void {
    const kept = this.#kept;
    this.#kept = undefined;
    kept?.leave();
  }

  /** Submits the task of the step. */
  run(submit: Submit, executor: Executor | undefined): void {
    this.#kept = this.last = this.#stage;
    this.#stage = undefined;
    const revoked = executor && this.#revoked?.get(executor);
    if (revoked !== undefined) return this.#end(() => settleRevoked(this.future, revoked));
    const value = this.#value;
    this.#value = undefined;
    const enter = () => ownFuture(this.#enter(() => submit(value)));
    try {
      this.#task = this.#use(executor, enter);
    } catch (error) {
      // The executor was shut down or broke in the meantime.
      return relay(() => this.#failed(error, undefined));
    }
    this.#task.onProgress((progress) => reportProgress(this.future, progress));
    whenDone(this.#task, (task) => relay(() => this.#taskDone(task)));
  }

  cancel(): boolean {
    if (this.#task !== undefined) return this.#task.cancel();
    this.#end(() => markCancelled(this.future));
    return true;
  }

  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    if (this.#task !== undefined) return this.#task.abort(reason);
    this.#end(() => reject(this.future, reason));
  }

  /** Submits with the reservation; the last step at an executor uses up the reservation. */
  #use(executor: Executor | undefined, submit: () => Future<unknown>): Future<unknown> {
    const reservation = executor && this.#reservations.get(executor);
    if (reservation === undefined) return submit();
    const last = !this.#parts.slice(this.#place).some((part) => part instanceof Stage && part.executor === executor);
    return last ? reservation.use(submit) : reservation.admit(submit);
  }

  /**
   * The executor drops its waiting work. A running task is left to end; the item does not run on that executor again.
   */
  #revoke(executor: Executor, how: Revoked): void {
    (this.#revoked ??= new Map()).set(executor, how);
    const next = this.#stage;
    if (this.#task === undefined && next?.executor === executor) this.#end(() => settleRevoked(this.future, how));
  }

  #taskDone(task: Future<unknown>): void {
    this.#task = undefined;
    if (isUnfinished(task)) this.#leaveBehind(task);
    const outcome = outcomeOf(task);
    const last = this.#place === this.#parts.length;
    if (outcome === undefined) return this.#end(() => markCancelled(this.future));
    // A task that saw its signal and still returned has succeeded, but the item does not go on to another step.
    if (this.#aborted !== undefined && !("value" in outcome && last)) {
      observe(task);
      return this.#end(() => reject(this.future, this.#aborted!.reason));
    }
    if ("error" in outcome) return this.#failed(outcome.error, task);
    this.#value = outcome.value;
    this.#go();
  }

  /** Goes on to the next step, and skips handlers. */
  #go(): void {
    while (typeof this.#parts[this.#place] === "function") this.#place++;
    const stage = this.#parts[this.#place++] as Stage | undefined;
    if (stage === undefined) return this.#end(() => fulfil(this.future, this.#value));
    this.#stage = stage;
    stage.enter(this);
  }

  /** Goes on to the next handler, and skips the steps before it. */
  #failed(error: unknown, task: Future<unknown> | undefined): void {
    while (typeof this.#parts[this.#place] === "object") this.#place++;
    const handler = this.#parts[this.#place++] as Handler | undefined;
    if (handler === undefined) {
      return this.#end(() => task === undefined ? rejectAlone(this.future, error) : fail(this.future, error, task));
    }
    if (task !== undefined) observe(task);
    let value: unknown;
    try {
      value = this.#enter(() => handler(error));
    } catch (thrown) {
      return this.#failed(thrown, undefined);
    }
    if (!(value instanceof Object && "then" in value)) return this.#caught(value);
    Promise.resolve(value).then((value) => this.#caught(value), (thrown) => {
      if (!this.future.done) this.#failed(thrown, undefined);
    });
  }

  #caught(value: unknown): void {
    if (this.future.done) return;
    this.#value = value;
    this.#go();
  }

  /** Ends the item, at the end of the pipeline or before. */
  #end(settle: () => void): void {
    const stage = this.#stage;
    this.#stage = undefined;
    for (const reservation of this.#reservations.values()) reservation.release();
    settle();
    stage?.forget(this);
    this.arrived();
    this.#leave();
  }

  /** Keeps the place in the step until an aborted or timed out task has ended. */
  #leaveBehind(task: Future<unknown>): void {
    const kept = this.#kept;
    this.#kept = undefined;
    this.#parties++;
    whenFinished(task, () => {
      kept?.leave();
      this.#leave();
    });
  }

  #leave(): void {
    if (--this.#parties === 0) this.#over();
  }
}
