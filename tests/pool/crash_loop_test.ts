// Tests that a pool breaks after a bounded number of workers that fail to start.

import { assert, assertEquals, assertInstanceOf, assertStringIncludes, assertThrows } from "@std/assert";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BrokenExecutorError, WorkerLostError } from "../../mod.ts";
import * as faults from "../fixtures/fault_tasks.ts";
import * as setup from "../fixtures/setup_tasks.ts";
import * as tasks from "../fixtures/tasks.ts";
import { PROCESSES, testEach, WORKERS } from "../support/executors.ts";
import { within } from "../support/poll.ts";
import { RUNTIME } from "../support/runtime.ts";
import { SHORT } from "../support/timing.ts";

const NO_WORKERS = { idle: 0, busy: 0, starting: 0 };

testEach(WORKERS, "starts only a few workers if all of them die", async ({ open, file }) => {
  for (const maxWorkers of [1, 2]) {
    const trace = file(`trace-${maxWorkers}`);
    const pool = open({ maxWorkers, initializer: setup.exitWhilePreparing, initArgs: [trace] });
    const futures = Array.from({ length: 10 }, (_, n) => pool.submit(tasks.double, n));
    for (const future of futures) {
      const error = await within("the end", future.exception());
      assertInstanceOf(error, BrokenExecutorError);
      assertInstanceOf(error.cause, WorkerLostError);
      assertEquals(error.cause.exitCode, 5);
    }
    const starts = existsSync(trace) ? readFileSync(trace, "utf8").split("\n").length - 1 : 0;
    assert(starts >= 1 && starts <= 3 + maxWorkers, `${starts} starts`);
    assertThrows(() => pool.submit(tasks.double, 1), BrokenExecutorError);
    assertEquals(pool.stats().workers, NO_WORKERS);
  }
});

testEach(WORKERS, "breaks after three workers in a row that completed no task", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const futures = Array.from({ length: 5 }, () => pool.submit(faults.exit, 2));
  const errors = await within("all", Promise.all(futures.map((future) => future.exception())));
  assertEquals(errors.map((error) => (error as Error).name), [
    ...Array(3).fill("WorkerLostError"),
    ...Array(2).fill("BrokenExecutorError"),
  ]);
});

testEach(WORKERS, "does not break on three deaths with a success between", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  for (let i = 0; i < 5; i++) {
    const lost = pool.submit(faults.exit, 2);
    const good = pool.submit(tasks.double, i);
    assertInstanceOf(await lost.exception(), WorkerLostError);
    assertEquals(await good, 2 * i);
  }
});

testEach(WORKERS, "breaks after workers that do not start in time", async ({ open }) => {
  const pool = open({ maxWorkers: 1, initializer: setup.prepareForEver, startTimeout: SHORT });
  const error = await within("the end", pool.submit(tasks.double, 1).exception());
  assertInstanceOf(error, BrokenExecutorError);
  assertStringIncludes(error.message, `not ready after ${SHORT} ms`);
  await within("the end", pool.shutdown());
  assertEquals(pool.stats().workers, NO_WORKERS);
});

testEach([PROCESSES], "breaks if processes cannot be started, and names the cause", async ({ open }) => {
  const missing = { cwd: fileURLToPath(new URL("./not_there", import.meta.url)) };
  // Bun ignores flags that it does not know.
  for (const options of RUNTIME === "bun" ? [missing] : [missing, { execArgs: ["--not-a-flag"] }]) {
    const pool = open({ maxWorkers: 1, ...options });
    const error = await within("the end", pool.submit(tasks.double, 1).exception());
    assertInstanceOf(error, BrokenExecutorError);
    assert(error.cause instanceof Error);
    await within("the end", pool.shutdown());
  }
});

testEach([PROCESSES], "replaces a process between tasks if it uses too much memory", async ({ open }) => {
  const pool = open({ maxWorkers: 1, maxMemoryBytes: 350 * 2 ** 20 });
  const first = await pool.submit(faults.keepMemory, 1000);
  assertEquals(await pool.submit(faults.keepMemory, 400 * 2 ** 20), first);
  const second = await within("the next task", pool.submit(faults.keepMemory, 1000));
  assert(second !== first);
  const { lost, restarts } = pool.stats();
  assertEquals([lost, restarts], [0, 1]);
});
