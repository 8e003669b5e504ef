// Sets up a cluster in memory on a manual clock.

import { test } from "node:test";
import { type Executor, type Future, InlineExecutor, type Task } from "../../../mod.ts";
import { ClusterExecutor, type ClusterExecutorOptions, ClusterHost } from "../../../src/cluster/mod.ts";
import { engineOf } from "../../../src/pool/pool_base.ts";
import * as tasks from "../../fixtures/cluster_tasks.ts";
import { ManualClock } from "../manual_clock.ts";
import { type FakeEngine, fakeEngine } from "./fake_engine.ts";
import { FakeServer } from "./fake_server.ts";

/** The objects and functions for one test. */
export interface Rig {
  readonly clock: ManualClock;
  readonly server: FakeServer;
  readonly engine: FakeEngine;
  readonly cluster: ClusterExecutor;
  /** Starts a host. */
  host(places?: number, given?: readonly Task<never[], unknown>[]): ClusterHost;
  /** Advances the clock in steps, and lets pending work run after each step. */
  pass(duration: number): Promise<void>;
  /** Shuts everything down. */
  close(): Promise<void>;
}

/** The lease of all rigs, in milliseconds. */
export const LEASE = 1_000;
/** The size of a clock step in milliseconds; timers that are due within a step fire before the next step. */
const STEP = 25;

/** Opens a cluster in memory. */
export function openRig(options: Partial<ClusterExecutorOptions> = {}): Rig {
  const clock = new ManualClock();
  const server = new FakeServer(clock);
  const engine = fakeEngine(server);
  const common = { engine, connection: { host: "memory", port: 1 }, lease: LEASE };
  const cluster = new ClusterExecutor({ ...common, ...options });
  const hosts: ClusterHost[] = [];
  const executors: Executor[] = [];
  const pass = async (duration: number) => {
    for (let left = duration; left > 0; left -= STEP) {
      await settled();
      clock.advance(Math.min(STEP, left));
    }
    await settled();
  };
  return {
    clock,
    server,
    engine,
    cluster,
    host: (places = 1, given = Object.values(tasks) as never) => {
      const executor = new InlineExecutor({ maxWorkers: places });
      const host = new ClusterHost({ ...common, tasks: given as never, executor }).start();
      hosts.push(host);
      executors.push(executor);
      return host;
    },
    pass,
    close: async () => {
      server.raise();
      for (const worker of engine.workers) worker.thaw();
      // Tasks of a killed host would never end, so terminate their executors.
      for (const executor of executors) engineOf(executor)!.terminate(new Error("the test is over"));
      let over = false;
      const closed = Promise.all([cluster.shutdown({ cancelFutures: true }), ...hosts.map((host) => host.drain())])
        .finally(() => over = true);
      while (!over) await pass(10 * STEP);
      await closed;
    },
  };
}

/** Runs everything that is due without advancing the clock. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Registers a test with a separate cluster, which is closed after it. */
export function withRig(
  name: string,
  fn: (rig: Rig) => Promise<void>,
  options: Parameters<typeof openRig>[0] = {},
): void {
  test(name, async () => {
    const rig = openRig(options);
    try {
      await fn(rig);
    } finally {
      await rig.close();
    }
  });
}

/** Advances the clock until a future is done. */
export async function done(rig: Rig, future: Future<unknown>, limit: number = 20 * LEASE): Promise<number> {
  const start = rig.clock.now();
  while (!future.done) {
    if (rig.clock.now() - start > limit) throw new Error(`Not done after ${limit} ms`);
    await rig.pass(25);
  }
  return rig.clock.now() - start;
}
