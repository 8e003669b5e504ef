/**
 * A task on its way to every worker of a pool.
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

/** The task for one worker, which is sent to no other. */
export class PinnedJob extends Job {
  override get pinned(): boolean {
    return true;
  }

  override get plain(): boolean {
    return false;
  }
}

/** What a broadcast needs of its pool. */
export interface RunHooks {
  readonly unobserved: UnobservedFailures;
  /** Stops a job that was sent. */
  abort(job: Job, reason: unknown): void;
  /** Every worker that starts later is to run it as well, or no longer. */
  stick(run: BroadcastRun, sticky: boolean): void;
  /** It goes to no worker any more. */
  settled(run: BroadcastRun): void;
}

/** What became of it in one worker, by the number of the worker. */
type Results = Map<number, PromiseSettledResult<unknown> | undefined>;

/** Collects what comes of a task in all workers. */
export class BroadcastRun implements FutureSource {
  readonly task: TaskEntry;
  readonly future: Future<unknown[]> = new Future<unknown[]>(this);
  readonly #hooks: RunHooks;
  readonly #packet: Packet | undefined;
  readonly #results: Results = new Map();
  readonly #jobs = new Map<number, PinnedJob>();
  readonly #unlisten: () => void;

  /** @param packet holds the arguments; undefined if they cannot travel. */
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

  /** The arguments for one more worker. */
  get packet(): Packet {
    return copyPacket(this.#packet!);
  }

  /** A worker will run it. */
  expect(worker: number): void {
    this.#results.set(worker, undefined);
  }

  /** It is about to be sent to a worker. */
  send(worker: number, job: PinnedJob): void {
    this.#jobs.set(worker, job);
    // What becomes of it is told with the others.
    observe(job.future);
    whenDone(job.future, (future) => {
      this.#jobs.delete(worker);
      const outcome = outcomeOf(future);
      if (outcome === undefined || "error" in outcome) this.fail(worker, outcome?.error ?? future.exceptionNow());
      else this.#answer(worker, { status: "fulfilled", value: outcome.value });
    });
  }

  /** It has failed in a worker, or the worker died before. */
  fail(worker: number, reason: unknown): void {
    this.#answer(worker, { status: "rejected", reason });
  }

  /** A worker ends without it. */
  leaveOut(worker: number): void {
    if (this.#results.get(worker) === undefined) this.#results.delete(worker);
    this.settle();
  }

  /** Settles it if all workers have answered. */
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

  /** It ends with an error. */
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

  /** Has workers that start later run it, or no longer. */
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

/** What a caller has of a broadcast. */
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
