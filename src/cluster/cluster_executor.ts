/**
 * An executor whose workers are on other machines.
 *
 * @module
 */

import { checkDuration, checkInteger, show } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import { InvalidStateError } from "../core/errors.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import {
  type Executor,
  type ExecutorStats,
  type MapOptions,
  SHUTDOWN_OPTIONS,
  type ShutdownOptions,
} from "../futures/executor.ts";
import type { Future } from "../futures/future.ts";
import { setHost } from "../futures/reservation.ts";
import type { Results } from "../futures/results.ts";
import type { Outcome } from "../futures/source.ts";
import { captureCaller } from "../pool/engine/caller.ts";
import { announcerOf, ExecutorTarget } from "../pool/events.ts";
import { refuseWhileLoading } from "../task/current.ts";
import { carriedValues } from "../task/carry.ts";
import { type Definition, requireDefinition, type Task } from "../task/task.ts";
import { Client, type ClientSettings } from "./client.ts";
import { startMap } from "./cluster_map.ts";
import type { ClusterFuture } from "./cluster_task.ts";
import { sourceOf } from "./codec.ts";
import type { DeadTask } from "./dead.ts";
import type { HostInfo } from "./host_list.ts";
import {
  checkCluster,
  checkClusterSubmit,
  checkWord,
  CLUSTER_NAMES,
  type ClusterExecutorOptions,
  type ClusterSubmitOptions,
} from "./options.ts";
import { RESULT_TTL } from "./outbox.ts";
import { idMaker } from "./task_id.ts";
import { waitUntil } from "./wait_until.ts";

/** A snapshot of a cluster's executor; stale when read. */
export interface ClusterStats extends ExecutorStats {
  /** The living hosts, as last heard. */
  readonly hosts: readonly HostInfo[];
  /**
   * The number of waiting tasks of all executors in the queue; read every half lease while this executor waits for any.
   */
  readonly queued: number;
  /** When the oldest of them was submitted, in milliseconds since 1970 by the clock of its machine. */
  readonly oldest: number | undefined;
}

/** A view of a cluster's executor that applies options to everything submitted through it. */
export interface ClusterView extends Executor {
  /** Runs a task; see {@linkcode Executor.submit}. */
  submit<A extends unknown[], R>(task: Task<A, R>, ...args: NoInfer<A>): ClusterFuture<Awaited<R>>;
  /** Returns a view with further options. */
  with(options: ClusterSubmitOptions): ClusterView;
  /** Returns counters and times. */
  stats(): ClusterStats;
}

const OPTIONS: OptionNames<ClusterExecutorOptions> = optionNames<ClusterExecutorOptions>({
  ...CLUSTER_NAMES,
  onHostLoss: true,
  resultTtl: true,
  queueLimit: true,
  overflow: true,
  name: true,
});

const NO_OPTIONS: ClusterSubmitOptions = Object.create(null);

/**
 * Runs tasks on the hosts of a queue, on any number of machines, under the contract of the other executors.
 *
 * **Order.** By priority, then by submission; a task whose host was lost goes first. **Cancellation.** Through the
 * futures. `cancel` is a request that the server decides; `abort` rejects at once, and the host is told. **Delivery.**
 * At least once: a task whose host is lost, frozen or cut off for longer than the lease runs again elsewhere, unless
 * `onHostLoss` is `"fail"`.
 *
 * The constructor does not wait for the server; tasks wait for it. An executor without tasks does not keep the program
 * alive.
 *
 * @example Render pictures on all machines
 * ```ts ignore
 * import * as bullmq from "bullmq";
 * import { ClusterExecutor } from "@heddle/heddle/cluster";
 *
 * await using cluster = new ClusterExecutor({ engine: bullmq, connection: { url: "redis://localhost" }, queue: "images" });
 * const future = cluster.with({ retry: { maxAttempts: 3 } }).submit(resize, "a.png", 256);
 * console.log(future.id, await future);
 * ```
 */
export class ClusterExecutor extends ExecutorTarget implements ClusterView {
  readonly #client: Client;
  readonly #settings: ClientSettings;
  readonly #nextId = idMaker();

  static {
    printsAs(this, "ClusterExecutor", ({ name, maxWorkers, ...others }) => {
      return { name, maxWorkers, ...(others as ClusterExecutor).#client?.counts };
    });
  }

  /**
   * Opens an executor.
   *
   * @throws {TypeError | RangeError} if an option is not valid.
   */
  constructor(options: ClusterExecutorOptions) {
    super();
    const what = "Cannot open a ClusterExecutor as";
    const given = checkOptions(`${what} 'options'`, options, OPTIONS);
    const { onHostLoss = "retry", resultTtl = RESULT_TTL, queueLimit = Infinity, overflow = "wait" } = given;
    const { name = "ClusterExecutor" } = given;
    if (typeof name !== "string") {
      throw new TypeError(`${what} 'name' must be a string: current value is ${show(name)}`);
    }
    refuseWhileLoading("ClusterExecutor");
    this.#settings = {
      ...checkCluster(what, given),
      name,
      onHostLoss: checkWord(`${what} 'onHostLoss'`, onHostLoss, ["retry", "fail"]),
      resultTtl: checkDuration(`${what} 'resultTtl'`, resultTtl),
      queueLimit: queueLimit === Infinity ? Infinity : checkInteger(`${what} 'queueLimit'`, queueLimit, 0),
      overflow: checkWord(`${what} 'overflow'`, overflow, ["wait", "reject"]),
    };
    this.#client = new Client(this.#settings, announcerOf(this));
    setHost(this, this.#client);
  }

  /** The number of tasks that the living hosts run at a time, as last reported. */
  get maxWorkers(): number {
    return this.#client.hosts.places;
  }

  /** The executor's name. */
  get name(): string {
    return this.#settings.name;
  }

  /**
   * Runs a task on a host.
   *
   * @throws {TypeError} if it is not a task, or one without a module: a host runs only the tasks it was given.
   * @throws {InvalidStateError} after `shutdown`.
   */
  submit<A extends unknown[], R>(task: Task<A, R>, ...args: NoInfer<A>): ClusterFuture<Awaited<R>> {
    return this.#submit(requireShared(task), args, NO_OPTIONS, undefined, carriedValues()) as ClusterFuture<Awaited<R>>;
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

  /**
   * Not for clusters.
   *
   * @throws {InvalidStateError} always.
   */
  stream(): never {
    return refuse("stream a task");
  }

  /**
   * Not for clusters.
   *
   * @throws {InvalidStateError} always.
   */
  broadcast(): never {
    return refuse("broadcast a task");
  }

  /**
   * Not for clusters.
   *
   * @throws {InvalidStateError} always.
   */
  callSync(): never {
    return refuse("block for a task");
  }

  /**
   * Returns a view of this executor that applies options to everything submitted through it.
   *
   * @throws {TypeError | RangeError} if an option is not valid, or not for clusters.
   */
  with(options: ClusterSubmitOptions): ClusterView {
    return this.#view(checkClusterSubmit(options));
  }

  /**
   * Returns the future of a task that another program submitted, or this one before a restart. It rejects with an
   * `InvalidStateError` if the server has no task of this id.
   */
  future<R>(id: string): ClusterFuture<R> {
    if (typeof id !== "string") {
      throw new TypeError(`Cannot find a task as 'id' must be a string: current value is ${show(id)}`);
    }
    return this.#client.find(id).future as ClusterFuture<unknown> as ClusterFuture<R>;
  }

  /** Lists up to 1,000 tasks that have failed for good in the last seven days, the latest first. */
  dead(): Promise<DeadTask[]> {
    return this.#client.dead();
  }

  /**
   * Runs a task again that has failed for good. Futures are thenable, so that awaiting this promise awaits the task;
   * `future(id)` returns the future itself.
   *
   * @param id its id, or its key.
   * @throws {InvalidStateError} if the server has no task of this id, or the task has not failed.
   */
  async retryDead(id: string): Promise<ClusterFuture<unknown>> {
    return (await this.#client.retryDead(id)).future;
  }

  /**
   * Waits until the server can be reached.
   *
   * @throws {BrokenExecutorError} naming host and port if that takes longer than 5,000 ms or `timeout`.
   * @throws {InvalidStateError} after `shutdown`.
   */
  async ready(options: WaitOptions = {}): Promise<void> {
    this.#client.requireOpen();
    await waitUntil(this.#settings, this.#client.opened, options);
  }

  /**
   * Waits until a task would not exceed `queueLimit` and the places of the living hosts. See {@linkcode Executor.room}.
   *
   * @throws {TimeoutError} if that takes too long, or the signal's reason.
   * @throws {InvalidStateError} after `shutdown`.
   */
  async room(options?: WaitOptions): Promise<void> {
    await this.#client.waits.room(options);
  }

  /**
   * Holds back the tasks submitted through this executor: they are accepted, and sent to the server after `resume()` or
   * at a shutdown. Tasks that were sent before continue, and other executors of the queue are not affected.
   *
   * @throws {InvalidStateError} after `shutdown`.
   */
  pause(): void {
    this.#client.pause();
  }

  /** Sends the tasks that were held back, in order. */
  resume(): void {
    this.#client.resume();
  }

  /**
   * Rejects all futures of this executor with a `CancelledError`. Waiting tasks are removed from the server, and hosts
   * abort running tasks; resolves when all hosts have answered or count as lost.
   */
  async terminate(): Promise<void> {
    await this.#client.terminate();
  }

  /**
   * Takes no more tasks, and waits for the tasks whose futures this executor has returned. With `wait: false` the tasks
   * stay with the hosts, and their futures reject with an `InvalidStateError`.
   */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    await this.#client.shutdown(checkOptions("Cannot shut down as 'options'", options, SHUTDOWN_OPTIONS));
  }

  /** Returns counters and times; `waiting` and `running` are of this executor's own tasks. */
  stats(): ClusterStats {
    const client = this.#client;
    const hosts = client.state === "open" ? client.hosts.alive : [];
    const busy = hosts.reduce((sum, { load }) => sum + load, 0);
    const places = hosts.reduce((sum, host) => sum + host.places, 0);
    const { waiting, oldest } = client.sweep;
    return {
      workers: { idle: Math.max(0, places - busy), busy, starting: 0 },
      ...client.counts,
      ...client.settlement.metrics.snapshot(),
      restarts: 0,
      hosts,
      queued: waiting,
      oldest,
    };
  }

  /** Shuts down and waits for all tasks. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  #view(options: ClusterSubmitOptions): ClusterView {
    const client = this.#client;
    const view: ClusterView = {
      get maxWorkers() {
        return client.hosts.places;
      },
      submit: (task, ...args) => this.#submit(requireShared(task), args, options, undefined, carriedValues()) as never,
      map: (task, items, mapOptions = {}) => this.#map(task, items, mapOptions, options, false),
      starmap: (task, items, mapOptions = {}) => this.#map(task, items, mapOptions, options, true),
      stream: () => this.stream(),
      broadcast: () => this.broadcast(),
      callSync: () => this.callSync(),
      with: (more) => this.#view(Object.assign(Object.create(null), options, checkClusterSubmit(more))),
      ready: (wait) => this.ready(wait),
      room: (wait) => this.room(wait),
      pause: () => this.pause(),
      resume: () => this.resume(),
      terminate: () => this.terminate(),
      shutdown: (how) => this.shutdown(how),
      stats: () => this.stats(),
      [Symbol.asyncDispose]: () => this.shutdown(),
    };
    setHost(view, client);
    return view;
  }

  #submit(
    { name }: Definition,
    args: unknown[],
    options: ClusterSubmitOptions,
    items: number | undefined,
    carried: Record<string, unknown> | undefined,
  ): Future<unknown> {
    const id = options.key ?? this.#nextId();
    return this.#client.submit({ id, name, options, items, caller: captureCaller(), carried }, args).future;
  }

  #map<R>(
    task: unknown,
    items: unknown,
    given: MapOptions,
    options: ClusterSubmitOptions,
    spread: boolean,
  ): Results<R> {
    const definition = requireShared(task);
    this.#client.requireOpen();
    // One key would make all items the same task.
    const { key: _, ...others } = options;
    const carried = carriedValues();
    return startMap<R>(this.#client, this.#settings.queueLimit, {
      name: definition.name,
      items,
      given,
      options: others,
      spread,
      submit: (args, count) => this.#submit(definition, args, others, count, carried) as Future<Outcome[]>,
    });
  }
}

function refuse(what: string): never {
  throw new InvalidStateError(`Cannot ${what} on a cluster: its tasks run on other machines and return one value each`);
}

/** Returns the definition of a task that hosts may have. */
function requireShared(task: unknown): Definition {
  const definition = requireDefinition(task);
  if (sourceOf(definition) === undefined) return definition;
  throw new TypeError(
    `Cannot submit the inline task '${definition.name}' to a cluster: make it with task(import.meta, fn) and give it to the hosts`,
  );
}
