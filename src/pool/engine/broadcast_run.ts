/**
 * A broadcast: a task that is sent to every worker of a pool.
 *
 * @module
 */

import { printsAs } from "../../core/inspect.ts";
import type { Broadcast } from "../../futures/broadcast.ts";
import { fulfil, Future, observe, outcomeOf, reject, whenDone } from "../../futures/future.ts";
import type { FutureSource } from "../../futures/source.ts";
import { markStopped, type UnobservedFailures } from "../../futures/unobserved.ts";
import type { Packet } from "../../wire/out_of_band.ts";
import { copyPacket } from "./retries.ts";
import type { TaskEntry } from "./task_entry.ts";
import { Job } from "./job.ts";

/** A job that is sent to one particular worker. */
export class PinnedJob extends Job {
  override get pinned(): boolean {
    return true;
  }

  override get plain(): boolean {
    return false;
  }
}

/** The parts of the pool that a broadcast needs. */
export interface RunHooks {
  readonly unobserved: UnobservedFailures;
  /** Aborts a job that was sent. */
  abort(job: Job, reason: unknown): void;
  /** Makes workers that start later run the broadcast too, or not any more. */
  stick(run: BroadcastRun, sticky: boolean): void;
  /** The broadcast has settled and is sent to no more workers. */
  settled(run: BroadcastRun): void;
}

/** The results by worker id; undefined until the worker has finished. */
type Results = Map<number, PromiseSettledResult<unknown> | undefined>;

/** Collects the results of a task from all workers. */
export class BroadcastRun implements FutureSource {
  readonly task: TaskEntry;
  readonly future: Future<unknown[]> = new Future<unknown[]>(this);
  readonly #hooks: RunHooks;
  readonly #packet: Packet | undefined;
  readonly #results: Results = new Map();
  readonly #jobs = new Map<number, PinnedJob>();
  readonly #unlisten: () => void;

  /** @param packet the arguments; undefined if they cannot be sent. */
  constructor(hooks: RunHooks, task: TaskEntry, packet: Packet | undefined, signal: AbortSignal | undefined) {
    this.#hooks = hooks;
    this.task = task;
    this.#packet = packet;
    const abort = () => this.abort(signal!.reason);
    this.#unlisten = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort, { once: true });
  }

  get running(): boolean {
    return this.#jobs.size > 0;
  }

  /** A copy of the arguments, for another worker. */
  get packet(): Packet {
    return copyPacket(this.#packet!);
  }

  /** Adds a worker that will run the task. */
  expect(worker: number): void {
    this.#results.set(worker, undefined);
  }

  /** The task is about to be sent to a worker. */
  send(worker: number, job: PinnedJob): void {
    this.#jobs.set(worker, job);
    // The broadcast reports the outcome.
    observe(job.future);
    whenDone(job.future, (future) => {
      this.#jobs.delete(worker);
      const outcome = outcomeOf(future);
      if (outcome === undefined || "error" in outcome) this.fail(worker, outcome?.error ?? future.exceptionNow());
      else this.#answer(worker, { status: "fulfilled", value: outcome.value });
    });
  }

  /** The task has failed in a worker, or the worker has died before. */
  fail(worker: number, reason: unknown): void {
    this.#answer(worker, { status: "rejected", reason });
  }

  /** A worker has shut down before it ran the task. */
  leaveOut(worker: number): void {
    if (this.#results.get(worker) === undefined) this.#results.delete(worker);
    this.settle();
  }

  /** Settles the broadcast if all workers have finished. */
  settle(): void {
    const results = [...this.#results].sort(([a], [b]) => a - b).map(([, result]) => result);
    if (this.future.done || results.includes(undefined)) return;
    const errors = results.flatMap((result) => result!.status === "rejected" ? [result!.reason] : []);
    this.#end();
    if (errors.length === 0) return fulfil(this.future, results.map((result) => (result as { value?: unknown }).value));
    const { name } = this.task.definition;
    const message =
      `Cannot complete the broadcast of task '${name}': it failed in ${errors.length} of ${results.length} workers`;
    this.reject(Object.assign(new AggregateError(errors, message), { results }));
  }

  /** Rejects the broadcast. */
  reject(error: unknown): void {
    this.#end();
    if (!reject(this.future, error)) this.#hooks.unobserved.add(this.future, this.task.definition.name, error);
  }

  cancel(): boolean {
    return false;
  }

  abort(reason: unknown): void {
    if (this.future.done) return;
    this.#end();
    markStopped(this.future);
    reject(this.future, reason);
    for (const job of [...this.#jobs.values()]) this.#hooks.abort(job, reason);
  }

  /** Makes workers that start later run the task too, or not any more. */
  stick(sticky: boolean): void {
    if (this.#packet !== undefined) this.#hooks.stick(this, sticky);
  }

  #answer(worker: number, result: PromiseSettledResult<unknown>): void {
    if (!this.#results.has(worker)) return;
    this.#results.set(worker, result);
    this.settle();
  }

  #end(): void {
    this.#unlisten();
    this.#hooks.settled(this);
  }
}

/** The broadcast as its caller sees it. */
export class BroadcastHandle<R> implements Broadcast<R> {
  readonly #run: BroadcastRun;

  static {
    printsAs(this, "Broadcast", (handle) => ({ done: handle.#run.future.done }));
  }

  constructor(run: BroadcastRun) {
    this.#run = run;
  }

  sticky(): this {
    this.#run.stick(true);
    return this;
  }

  revoke(): void {
    this.#run.stick(false);
  }

  abort(reason?: unknown): void {
    this.#run.future.abort(reason);
  }

  then<A = R[], B = never>(
    onFulfilled?: ((values: R[]) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return (this.#run.future as Future<unknown> as Future<R[]>).then(onFulfilled, onRejected);
  }
}
