/**
 * The host that runs tasks on a machine of a cluster.
 *
 * @module
 */

import { checkInteger, show } from "../core/check.ts";
import { InvalidStateError } from "../core/errors.ts";
import { printsAs } from "../core/inspect.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import type { Executor } from "../futures/executor.ts";
import { runtime } from "../runtime/mod.ts";
import { refuseWhileLoading } from "../task/current.ts";
import type { Task } from "../task/task.ts";
import { Service } from "./host_service.ts";
import { HostTasks } from "./host_tasks.ts";
import { checkCluster, CLUSTER_NAMES, type ClusterOptions, type ClusterSettings } from "./options.ts";
import { waitUntil } from "./wait_until.ts";

/** Options of a `ClusterHost`. */
export interface ClusterHostOptions extends ClusterOptions {
  /** The tasks that may run here: a list, or a module that exports them. */
  // deno-lint-ignore no-explicit-any -- tasks of any arguments
  tasks: readonly Task<any[], unknown>[] | Record<string, unknown>;
  /** Runs the tasks. It belongs to the host and is shut down with it. */
  executor: Executor;
  /** The maximum number of concurrent tasks; `executor.maxWorkers` by default. */
  concurrency?: number | undefined;
}

/** A snapshot of a host; stale when read. */
export interface ClusterHostStats {
  /** The number of running tasks. */
  readonly running: number;
  /** The maximum number of concurrent tasks. */
  readonly concurrency: number;
  /** Tasks that have returned since the host was started. */
  readonly completed: number;
  /** Tasks that have failed. */
  readonly failed: number;
  /** Unknown tasks that it returned to the queue for other hosts. */
  readonly returned: number;
}

const OPTIONS: OptionNames<ClusterHostOptions> = optionNames<ClusterHostOptions>({
  ...CLUSTER_NAMES,
  tasks: true,
  executor: true,
  concurrency: true,
});

/**
 * Takes tasks from a queue and runs them on an executor of this machine. It runs only the tasks it was given, whatever
 * the server holds. Give it threads or processes: a loop that computes cannot renew leases, and its tasks would go to
 * another host.
 *
 * A started host keeps its program alive until it is drained or disposed.
 *
 * @example Work for a cluster until the program is told to end
 * ```ts ignore
 * import * as bullmq from "bullmq";
 * import { gracefulShutdown, ProcessPoolExecutor } from "@heddle/heddle";
 * import { ClusterHost } from "@heddle/heddle/cluster";
 * import * as tasks from "./tasks.ts";
 *
 * const connection = { url: "redis://localhost" };
 * const host = new ClusterHost({ engine: bullmq, connection, tasks, executor: new ProcessPoolExecutor() }).start();
 * gracefulShutdown(host);
 * ```
 */
export class ClusterHost implements AsyncDisposable {
  readonly #settings: ClusterSettings;
  readonly #tasks: HostTasks;
  readonly #executor: Executor;
  readonly #concurrency: number;
  #service: Service | undefined;
  #release: (() => void) | undefined;
  #ended: Promise<void> | undefined;

  static {
    printsAs(this, "ClusterHost", (host) => ({ tasks: host.#tasks.names, ...host.stats() }));
  }

  /**
   * Creates a host; `start` makes it take tasks.
   *
   * @throws {TypeError | RangeError} if an option is not valid.
   */
  constructor(options: ClusterHostOptions) {
    const what = "Cannot make a ClusterHost as";
    const { tasks, executor, concurrency, ...others } = checkOptions(`${what} 'options'`, options, OPTIONS);
    this.#settings = checkCluster(what, others);
    this.#tasks = new HostTasks(`${what} 'tasks'`, tasks);
    if (typeof (executor as Partial<Executor> | null | undefined)?.submit !== "function") {
      throw new TypeError(`${what} 'executor' must be an executor: current value is ${show(executor)}`);
    }
    this.#executor = executor;
    this.#concurrency = checkInteger(`${what} 'concurrency'`, concurrency ?? executor.maxWorkers, 1);
    refuseWhileLoading("ClusterHost");
  }

  /**
   * Starts taking tasks.
   *
   * @throws {InvalidStateError} if it was started before, or drained.
   */
  start(): this {
    if (this.#service !== undefined || this.#ended !== undefined) {
      throw new InvalidStateError("Cannot start a ClusterHost twice, or after its end");
    }
    this.#release = runtime.keepAlive();
    this.#service = new Service({
      settings: this.#settings,
      tasks: this.#tasks,
      executor: this.#executor,
      concurrency: this.#concurrency,
      broken: () => void this.drain(),
    });
    return this;
  }

  /**
   * Waits until it takes tasks.
   *
   * @throws {BrokenExecutorError} naming host and port if the server cannot be reached in 5,000 ms, or in `timeout`.
   * @throws {InvalidStateError} if it was not started.
   */
  async ready(options: WaitOptions = {}): Promise<void> {
    if (this.#service === undefined) throw new InvalidStateError("Cannot wait for a ClusterHost that was not started");
    await waitUntil(this.#settings, this.#service.opened, options);
  }

  /** Takes no more tasks, lets running tasks finish, and shuts down the executor. */
  drain(): Promise<void> {
    return this.#ended ??= this.#end();
  }

  /** Returns counters. */
  stats(): ClusterHostStats {
    const none = { running: 0, completed: 0, failed: 0, returned: 0 };
    return { ...(this.#service?.counts ?? none), concurrency: this.#concurrency };
  }

  /** Drains it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }

  async #end(): Promise<void> {
    try {
      await this.#service?.close();
      await this.#executor.shutdown();
    } finally {
      this.#release?.();
    }
  }
}
