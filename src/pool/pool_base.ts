/**
 * The common base of the three pools: implements `Executor` on an engine.
 *
 * @module
 */

import { checkOptions } from "../core/options.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import {
  checkMapOptions,
  type Executor,
  type ExecutorStats,
  type MapOptions,
  SHUTDOWN_OPTIONS,
  type ShutdownOptions,
  type SubmitOptions,
} from "../futures/executor.ts";
import type { Future } from "../futures/future.ts";
import { setHost } from "../futures/reservation.ts";
import { MapResults, type Results } from "../futures/results.ts";
import type { Outcome } from "../futures/source.ts";
import { type Source, type Stream, TaskStream } from "../futures/stream.ts";
import { carriedValues } from "../task/carry.ts";
import { refuseWhileLoading } from "../task/current.ts";
import { type Definition, requireDefinition, type Task } from "../task/task.ts";
import type { Channel } from "../wire/out_of_band.ts";
import type { Broadcast } from "../futures/broadcast.ts";
import { BroadcastHandle } from "./engine/broadcast_run.ts";
import { captureCaller } from "./engine/caller.ts";
import { Engine } from "./engine/engine.ts";
import { announcerOf, ExecutorTarget } from "./events.ts";
import { checkSubmitOptions, type Settings } from "./options.ts";
import { needOf } from "./engine/need.ts";
import { requireKnown, type ResourceTable } from "./engine/resource_table.ts";
import { tableOf } from "./resources.ts";
import type { StartWorker } from "./workers/pool_worker.ts";
import type { StreamJob } from "./engine/stream_job.ts";
import type { Submission } from "./engine/submission.ts";
import type { WorkerInfo } from "./workers/worker_info.ts";

/** Default number of items that a `map` takes ahead of its consumer, unless the workers need more to stay busy. */
const BUFFER = 1024;
/** Intended run time of a chunk with `chunkSize: "auto"`, in milliseconds. */
const CHUNK_TIME = 2;
/** Has no prototype, like checked options: properties of `Object.prototype` must not count as options. */
const NO_OPTIONS: SubmitOptions = Object.create(null);

/** The engines of executors and their views. */
const engines = new WeakMap<Executor, Engine>();

/** Returns the engine of an executor of this library. */
export function engineOf(executor: Executor): Engine | undefined {
  return engines.get(executor);
}

/** The fields of an executor that are printed. */
export function picturePool(executor: Executor): object {
  const engine = engines.get(executor)!;
  const { workers, waiting, running } = engine.stats();
  const { name, state } = engine;
  return {
    name,
    state,
    maxWorkers: executor.maxWorkers,
    workers: workers.idle + workers.busy + workers.starting,
    waiting,
    running,
  };
}

/** A pool of threads or processes: a `PoolExecutor` whose workers can be listed and replaced. */
export interface WorkerPool extends PoolExecutor {
  /**
   * The maximum number of workers. Lowering it ends the surplus workers after their tasks. A value below 1 or
   * `minWorkers` is a `RangeError`.
   */
  maxWorkers: number;
  /** Lists the workers that have not ended, in the order of their start. */
  workers(): WorkerInfo[];
  /**
   * Replaces every worker after its tasks, idle workers at once; resolves when all new workers are ready.
   *
   * @throws {InvalidStateError} after `shutdown`.
   * @throws {BrokenExecutorError} if the pool breaks.
   */
  recycle(): Promise<void>;
}

/** An executor of this library: an `Executor` with a name and events. */
export interface PoolExecutor extends Executor, ExecutorTarget {
  /** The executor's name. */
  readonly name: string;
  /** Shuts down and waits for all tasks. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** An executor that runs on an engine. */
export abstract class PoolBase extends ExecutorTarget implements PoolExecutor {
  readonly #engine: Engine;
  readonly #settings: Settings;

  /** Opens the pool. */
  constructor(settings: Settings, channel: Channel, start: StartWorker) {
    super();
    refuseWhileLoading(settings.name);
    this.#settings = settings;
    this.#engine = new Engine(settings, channel, start, announcerOf(this));
    engines.set(this, this.#engine);
    setHost(this, this.#engine);
    this.#engine.open();
  }

  /** Maximum number of workers. */
  get maxWorkers(): number {
    return this.#settings.maxWorkers;
  }

  /**
   * Sets the maximum number of workers; surplus workers end after their tasks. An `InlineExecutor` cannot change it.
   */
  set maxWorkers(maxWorkers: number) {
    if (this.#settings.inProcess) {
      throw new TypeError(`Cannot set 'maxWorkers' of an InlineExecutor: it has no workers`);
    }
    this.#engine.setMaxWorkers(maxWorkers);
  }

  /** The pool's name. */
  get name(): string {
    return this.#settings.name;
  }

  /**
   * Runs a task on a worker.
   *
   * **Order.** By priority, then by submission. **Cancellation.** Through the future. **Cost.** The arguments are
   * copied at once; tasks submitted in one turn of the loop travel together.
   *
   * @throws {TypeError} if `task` is not a task.
   * @throws {InvalidStateError} after `shutdown`.
   * @throws {BrokenExecutorError} if the pool is broken.
   */
  submit<A extends unknown[], R>(task: Task<A, R>, ...args: NoInfer<A>): Future<Awaited<R>> {
    return this.#submit(task, args, NO_OPTIONS);
  }

  /** Runs a task for every item. See {@linkcode Executor.map}. */
  map<I, R>(task: Task<[I], R>, items: Iterable<I> | AsyncIterable<I>, options: MapOptions = {}): Results<Awaited<R>> {
    return this.#map(task, items, options, NO_OPTIONS, false);
  }

  /** Runs a task for every list of arguments. See {@linkcode Executor.starmap}. */
  starmap<A extends unknown[], R>(
    task: Task<A, R>,
    items: Iterable<A> | AsyncIterable<A>,
    options: MapOptions = {},
  ): Results<Awaited<R>> {
    return this.#map(task, items, options, NO_OPTIONS, true);
  }

  /** Runs a task and yields its values. See {@linkcode Executor.stream}. */
  stream<A extends unknown[], T>(
    task: Task<A, Source<T> | PromiseLike<Source<T>>>,
    ...args: NoInfer<A>
  ): Stream<T> {
    return this.#stream(task, args, NO_OPTIONS);
  }

  /** Runs a task once in every worker. See {@linkcode Executor.broadcast}. */
  broadcast<A extends unknown[], R>(task: Task<A, R>, ...args: NoInfer<A>): Broadcast<Awaited<R>> {
    return this.#broadcast(task, args, NO_OPTIONS);
  }

  /** Runs a task and blocks the calling thread until it has ended. See {@linkcode Executor.callSync}. */
  callSync<A extends unknown[], R>(task: Task<A, R>, ...args: NoInfer<A>): Awaited<R> {
    return this.#callSync(task, args, NO_OPTIONS) as Awaited<R>;
  }

  /**
   * Returns a view of this pool that applies options to everything submitted through it. Shutting down the view shuts
   * down the pool.
   */
  with(options: SubmitOptions): Executor {
    return this.#view(this.#check(options));
  }

  /** Accepts no more tasks, lets accepted ones finish, and ends the workers. See {@linkcode Executor.shutdown}. */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    await this.#engine.shutdown(checkOptions("Cannot shut down as 'options'", options, SHUTDOWN_OPTIONS));
  }

  /** Waits until `minWorkers` are ready. See {@linkcode Executor.ready}. */
  ready(options?: WaitOptions): Promise<void> {
    return this.#engine.waits.ready(options);
  }

  /** Waits until the pool has room for another task. See {@linkcode Executor.room}. */
  room(options?: WaitOptions): Promise<void> {
    return this.#engine.waits.room(options);
  }

  /** Holds back waiting tasks. See {@linkcode Executor.pause}. */
  pause(): void {
    this.#engine.pause();
  }

  /** Starts the tasks that were held back. */
  resume(): void {
    this.#engine.resume();
  }

  /** Rejects all futures and ends the workers. See {@linkcode Executor.terminate}. */
  async terminate(): Promise<void> {
    await this.#engine.cancelAndKill();
  }

  /** Lists the workers. */
  workers(): WorkerInfo[] {
    return this.#engine.workers();
  }

  /** Replaces every worker after its tasks. */
  recycle(): Promise<void> {
    return this.#engine.recycle();
  }

  /** Returns counters and times. */
  stats(): ExecutorStats {
    return this.#engine.stats();
  }

  /** Shuts down and waits for all tasks. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  #view(options: SubmitOptions): Executor {
    const settings = this.#settings;
    const view: Executor = {
      get maxWorkers() {
        return settings.maxWorkers;
      },
      submit: (task, ...args) => this.#submit(task, args, options),
      map: (task, items, mapOptions = {}) => this.#map(task, items, mapOptions, options, false),
      starmap: (task, items, mapOptions = {}) => this.#map(task, items, mapOptions, options, true),
      stream: (task, ...args) => this.#stream(task, args, options),
      broadcast: (task, ...args) => this.#broadcast(task, args, options),
      callSync: (task, ...args) => this.#callSync(task, args, options) as never,
      with: (more) => this.#view(Object.assign(Object.create(null), options, this.#check(more))),
      ready: (wait) => this.ready(wait),
      room: (wait) => this.room(wait),
      pause: () => this.pause(),
      resume: () => this.resume(),
      terminate: () => this.terminate(),
      shutdown: (how) => this.shutdown(how),
      stats: () => this.stats(),
      [Symbol.asyncDispose]: () => this.shutdown(),
    };
    engines.set(view, this.#engine);
    setHost(view, this.#engine);
    return view;
  }

  get #table(): ResourceTable | undefined {
    return this.#settings.resources && tableOf(this.#settings.resources);
  }

  #check(given: SubmitOptions): SubmitOptions {
    const options = checkSubmitOptions(given);
    requireKnown(this.name, this.#table, options);
    return options;
  }

  /** Checks the task of a submission, and that what it needs exists. */
  #define(task: unknown, options: SubmitOptions): Definition {
    const definition = requireDefinition(task);
    if (options.resources !== undefined) this.#table!.checkAmounts(needOf({ options })!);
    return definition;
  }

  #submit<R>(task: unknown, args: unknown[], options: SubmitOptions): Future<Awaited<R>> {
    const definition = this.#define(task, options);
    const caller = captureCaller();
    const carried = carriedValues();
    return this.#engine.submit({ definition, args, options, items: undefined, caller, carried }).future as Future<
      Awaited<R>
    >;
  }

  #stream<T>(task: unknown, args: unknown[], options: SubmitOptions): Stream<T> {
    const definition = this.#define(task, options);
    const caller = captureCaller();
    const carried = carriedValues();
    const job = this.#engine.submit({ definition, args, options, items: undefined, caller, carried, streams: true });
    return new TaskStream<T>(job as StreamJob);
  }

  #broadcast<R>(task: unknown, args: unknown[], options: SubmitOptions): Broadcast<R> {
    const definition = requireDefinition(task);
    if (options.resources !== undefined) {
      throw new TypeError("Cannot broadcast with 'resources': all workers run the task, whatever is free");
    }
    const caller = captureCaller();
    return new BroadcastHandle<R>(this.#engine.broadcast({ definition, args, options, items: undefined, caller }));
  }

  #callSync(task: unknown, args: unknown[], options: SubmitOptions): unknown {
    const definition = this.#define(task, options);
    const carried = carriedValues();
    const submission = { definition, args, options, items: undefined, caller: captureCaller(), carried };
    const need = needOf({ options });
    if (need === undefined) return this.callBlocking(this.#engine, task, submission);
    const table = this.#table!;
    const rest = Object.assign(Object.create(null), options, { resources: undefined });
    this.#engine.requireGoing();
    table.takeNow(`Cannot call task '${definition.name}' of ${this.name}`, need);
    try {
      return this.callBlocking(this.#engine, task, { ...submission, options: rest });
    } finally {
      table.giveBack(need);
    }
  }

  /** How the kind of pool blocks. */
  protected callBlocking(engine: Engine, task: unknown, submission: Submission): unknown {
    return engine.callSync(task, submission);
  }

  #map<R>(
    task: unknown,
    items: unknown,
    given: MapOptions,
    options: SubmitOptions,
    spread: boolean,
  ): Results<Awaited<R>> {
    const definition = this.#define(task, options);
    this.#engine.requireOpen();
    const caller = captureCaller();
    // Items are submitted when the results are asked for, in another context.
    const carried = carriedValues();
    const { chunkSize, bufferSize, ordered, timeout, signal, onProgress } = checkMapOptions(given);
    // A chunk is retried as a whole, which would repeat items that have succeeded.
    const chunk = options.retry === undefined ? chunkSize : 1;
    const buffer = bufferSize ?? this.#defaultBuffer(chunk);
    const largest = Math.max(1, Math.floor(buffer / (2 * this.maxWorkers)));
    return new MapResults<Awaited<R>>({
      items: items as Iterable<unknown>,
      submit: (taken) => {
        const args = spread ? taken : taken.map((item) => [item]);
        return this.#engine.submit({ definition, args, options, items: taken.length, caller, carried })
          .future as Future<
            Outcome[]
          >;
      },
      chunkSize: () => chunk === "auto" ? Math.min(largest, this.#autoChunk(this.#engine.estimate(definition))) : chunk,
      bufferSize: buffer,
      ordered,
      timeout,
      signal,
      onProgress,
      watch: (dropped) => this.#engine.watch(dropped),
      unseen: (future, error) => this.#engine.unobserved.add(future, definition.name, error),
    });
  }

  #defaultBuffer(chunkSize: number | "auto"): number {
    const { queueLimit, maxWorkers, concurrency } = this.#settings;
    const busy = maxWorkers * (concurrency === "auto" ? 1 : concurrency);
    const wanted = Math.max(BUFFER, chunkSize === "auto" ? 0 : 4 * busy * chunkSize);
    return Math.max(1, Math.min(wanted, queueLimit + busy));
  }

  #autoChunk(estimate: number | undefined): number {
    return estimate === undefined ? 1 : Math.max(1, Math.floor(CHUNK_TIME / estimate));
  }
}
