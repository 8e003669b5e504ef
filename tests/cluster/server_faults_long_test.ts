// The faults of reference/distributed.md on a real server; crashes and permits have tests of their own.
// Deadline: 300 s

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async";
import { Redis } from "ioredis";
import { BrokenExecutorError, ThreadPoolExecutor } from "../../mod.ts";
import { ClusterExecutor, ClusterHost, type ClusterOptions } from "../../src/cluster/mod.ts";
import { findRuntimes } from "../../scripts/runner/runtimes.ts";
import * as tasks from "../fixtures/cluster_tasks.ts";
import { type TestServer, testServer } from "../support/cluster/server.ts";
import { random } from "../support/random.ts";
import { until, within } from "../support/poll.ts";

const LIMIT = 60_000;
const LEASE = 2_000;
const found = await testServer({ own: true });
const NO_SERVER = typeof found === "string" ? found : false;
const { server, on } = found as TestServer;
const HOST = fileURLToPath(new URL("../fixtures/programs/cluster_host.ts", import.meta.url));

/** A test with a queue of its own, and a host with a number of places. */
function withHost(name: string, places: number, fn: (options: ClusterOptions, host: ClusterHost) => Promise<void>) {
  test(name, { skip: NO_SERVER, timeout: 2 * LIMIT }, async () => {
    const options = { ...on("faults"), lease: LEASE };
    options.queue += `-${crypto.randomUUID()}`;
    const executor = new ThreadPoolExecutor({ maxWorkers: 2, concurrency: Math.ceil(places / 2) });
    const host = new ClusterHost({ ...options, tasks: tasks as never, executor, concurrency: places }).start();
    try {
      await host.ready({ timeout: LIMIT });
      await fn(options, host);
    } finally {
      await within("the end of the host", host.drain(), LIMIT);
    }
  });
}

async function withCluster(options: ClusterOptions, fn: (cluster: ClusterExecutor) => Promise<void>): Promise<void> {
  const cluster = new ClusterExecutor(options);
  try {
    await fn(cluster);
  } finally {
    await within("the end", cluster.shutdown({ cancelFutures: true }), LIMIT);
  }
}

withHost("fault 1: 30 of 30 first tasks right after opening settle", 4, async (options) => {
  for (let i = 0; i < 30; i++) {
    await withCluster(options, async (cluster) => {
      const future = cluster.submit(tasks.identity);
      assertEquals(await within("the first task", future, LIMIT), { id: future.id, attempt: 1 });
    });
  }
});

withHost("fault 2: 10,000 submits at once all settle", 32, async (options) => {
  await withCluster(options, async (cluster) => {
    const futures = Array.from({ length: 10_000 }, (_, i) => cluster.submit(tasks.sendBack, i));
    const values = await within("all tasks", Promise.all(futures), LIMIT);
    assertEquals(values, futures.map((_, i) => i));
  });
});

test("fault 3: FLUSHALL with 400 pending rejects them all within 5 s", { skip: NO_SERVER }, async () => {
  await withCluster({ ...on("emptied"), lease: LEASE }, async (cluster) => {
    const futures = Array.from({ length: 400 }, () => cluster.submit(tasks.identity));
    await within("the submits", Promise.all(futures.map(({ accepted }) => accepted)), LIMIT);
    const redis = new Redis(server.port, server.host);
    const start = performance.now();
    await redis.flushall();
    await redis.quit();
    const errors = await within("the errors", Promise.all(futures.map((future) => future.exception())), LIMIT);
    const time = performance.now() - start;
    for (const error of errors) {
      assertInstanceOf(error, BrokenExecutorError);
      assertStringIncludes(error.message, "emptied");
    }
    assert(time < 5_000, `It took ${time} ms`);
  });
});

withHost("fault 5: cancel() against the end is decided by the server, once", 4, async (options) => {
  await withCluster(options, async (cluster) => {
    const next = random(5);
    const futures = Array.from({ length: 400 }, () => cluster.submit(tasks.identity));
    for (const future of futures) {
      if (next() < 1 / 3) await delay(1);
      if (next() < 1 / 2) future.cancel();
    }
    const outcomes = await within(
      "all tasks",
      Promise.all(futures.map(async (future) => {
        try {
          return (await future).id === future.id ? "completed" : "wrong";
        } catch {
          return future.cancelled ? "cancelled" : "failed";
        }
      })),
      LIMIT,
    );
    const { completed, cancelled } = cluster.stats();
    assertEquals(outcomes.filter((outcome) => outcome === "completed").length, completed);
    assertEquals(outcomes.filter((outcome) => outcome === "cancelled").length, cancelled);
    assertEquals(completed + cancelled, 400);
  });
});

withHost("fault 6: an abort that comes before the host knows the task reaches it", 4, async (options, host) => {
  await withCluster(options, async (cluster) => {
    for (let i = 0; i < 60; i++) {
      const future = cluster.submit(tasks.untilStopped);
      if (i % 3 > 0) await future.accepted;
      if (i % 3 > 1) await delay(i % 5);
      future.abort("enough");
      assertEquals(future.exceptionNow(), "enough");
    }
    await until("none runs", () => cluster.stats().running === 0 && host.stats().running === 0, LIMIT);
  });
});

for (const { id, label, binary } of findRuntimes(["deno", "bun", "node"])) {
  test(`fault 7: values and errors go to a host on ${id} and back`, { skip: NO_SERVER, timeout: LIMIT }, async () => {
    const options = { ...on(`values-${id}`), lease: LEASE };
    const flags = id === "deno" ? ["run", "-A", "--no-check"] : [];
    const host = await startHost(binary, [...flags, HOST, String(server.port), options.queue!, String(LEASE)]);
    try {
      await withCluster(options, async (cluster) => {
        const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
        const cycle: { self?: unknown } = {};
        cycle.self = cycle;
        const dates = [new Date(1), new Map([[1n, new Set(["\ud800", -0, NaN])]]), undefined, null];
        const value = { bytes, cycle, dates, floats: new Float64Array([1.5]), text: "Ä€😀", pattern: /a/gi };
        const back = await within(label, cluster.submit(tasks.sendBack, value), LIMIT) as typeof value;
        assertEquals(back, value);
        assert(back.cycle.self === back.cycle);
        const cause = new TypeError("a cause", { cause: new AggregateError([new SyntaxError("one")], "two") });
        const error = await cluster.submit(tasks.failWith, cause).exception() as RangeError & Record<string, unknown>;
        assertInstanceOf(error, RangeError);
        assertEquals([error.message, error.code, error.at], ["it failed", "E_FAILED", new Date(0)]);
        assertInstanceOf(error.cause, TypeError);
        const two = (error.cause as Error).cause as AggregateError;
        assertInstanceOf(two, AggregateError);
        assertInstanceOf(two.errors[0], SyntaxError);
        assertStringIncludes(error.stack!, "cluster_tasks");
      });
    } finally {
      host.kill("SIGKILL");
    }
  });
}

async function startHost(binary: string, args: string[]): Promise<ChildProcess> {
  const host = spawn(binary, args, { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: host.stdout! }).once("line", () => resolve());
    host.once("exit", () => reject(new Error("A host has ended")));
  });
  return host;
}
