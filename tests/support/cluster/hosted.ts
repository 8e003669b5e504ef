// Wraps a cluster with one host, so that the executor contract can run on it.

import {
  type Executor,
  InlineExecutor,
  type PoolOptions,
  type ShutdownOptions,
  type Task,
  tasksFrom,
} from "../../../mod.ts";
import { ClusterExecutor, ClusterHost, type ClusterOptions } from "../../../src/cluster/mod.ts";
import { now, startTimer } from "../../../src/time/system_clock.ts";
import * as abort from "../../fixtures/abort_tasks.ts";
import * as carried from "../../fixtures/carried_tasks.ts";
import * as carry from "../../fixtures/carry_tasks.ts";
import * as failing from "../../fixtures/failing_tasks.ts";
import * as retry from "../../fixtures/retry_tasks.ts";
import * as setup from "../../fixtures/setup_tasks.ts";
import * as common from "../../fixtures/tasks.ts";
import type * as other from "../../fixtures/other_tasks.ts";
import type * as slow from "../../fixtures/slow_module.ts";
import type { Kind, Pool } from "../executors.ts";
import { fakeEngine } from "./fake_engine.ts";
import { FakeServer } from "./fake_server.ts";

/** Creates the executor of a host from the options of a pool. */
export type OpenExecutor = (options: PoolOptions) => Executor;

/** Returns the tasks of the contract, and functions that are tasks only through `tasksFrom()`. */
function suiteTasks(): Task<never[], unknown>[] {
  const from = (name: string) => new URL(`../../fixtures/${name}.ts`, import.meta.url);
  const { plain } = tasksFrom<typeof common>(from("tasks"));
  const { answer } = tasksFrom<typeof slow>(from("slow_module"));
  const { negate } = tasksFrom<typeof other>(from("other_tasks"));
  const modules = [abort, carried, carry, failing, retry, setup, common];
  const tasks = modules.flatMap((module) => Object.values(module) as unknown[]).filter(isTask);
  return [...new Set(tasks), plain, answer, negate] as never;
}

function isTask(value: unknown): value is Task<never[], unknown> {
  return typeof value === "function" && "url" in value;
}

/** A cluster executor with its own host, which it drains at shutdown. */
class HostedCluster extends ClusterExecutor {
  readonly #host: ClusterHost;

  constructor(cluster: ClusterOptions, options: PoolOptions, open: OpenExecutor) {
    const { name, queueLimit, overflow, ...others } = options;
    super({ ...cluster, name, queueLimit, overflow: overflow as "wait" });
    const { maxWorkers, concurrency } = others;
    const executor = open({ ...others, ...(name === undefined ? {} : { name }) });
    const places = executor.maxWorkers * (typeof concurrency === "number" ? concurrency : 1);
    this.#host = new ClusterHost({
      ...cluster,
      tasks: suiteTasks() as never,
      executor,
      concurrency: maxWorkers === undefined ? executor.maxWorkers : places,
    }).start();
  }

  override async shutdown(options: ShutdownOptions = {}): Promise<void> {
    await super.shutdown(options);
    if (options.wait ?? true) await this.#host.drain();
  }
}

/** A cluster over a server in memory, with a host in this loop. */
export const IN_MEMORY: Kind = {
  name: "ClusterExecutor (in memory)",
  decidesLater: true,
  open: (options = {}) => {
    const server = new FakeServer({ now, startTimer });
    const cluster = { engine: fakeEngine(server), connection: {} };
    return new HostedCluster(cluster, options, (given) => new InlineExecutor(given as object)) as unknown as Pool;
  },
};

/** Returns a cluster kind over a real server, with a host on threads or processes. */
export function kindOn(name: string, cluster: ClusterOptions, open: OpenExecutor): Kind {
  let queues = 0;
  return {
    name,
    decidesLater: true,
    open: (options = {}) => {
      // Each executor gets a new queue, so that it does not see jobs of earlier tests.
      return new HostedCluster({ ...cluster, queue: `${cluster.queue}-${++queues}` }, options, open) as unknown as Pool;
    },
  };
}
