// Tests tasks that block their worker for ever.

import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { BrokenExecutorError, TimeoutError } from "../../mod.ts";
import * as faults from "../fixtures/fault_tasks.ts";
import * as tasks from "../fixtures/tasks.ts";
import { PROCESSES, testEach, THREADS, WORKERS } from "../support/executors.ts";
import { until, untilStarted, within } from "../support/poll.ts";
import { alive, runProgram } from "../support/program.ts";
import { RUNTIME } from "../support/runtime.ts";
import { SHORT, SLOW_TEST_LIMIT } from "../support/timing.ts";
import { test } from "node:test";

/** On Deno, `terminate()` detaches a busy thread, but its loop goes on: the test would leave the loop running. */
const THREADS_RUN_ON = RUNTIME === "deno" &&
  "a busy thread cannot be stopped on Deno; programs show what the pool does";
const IS_THREADS = (kind: typeof THREADS): string | false => kind === THREADS && THREADS_RUN_ON;

testEach(WORKERS, "replaces the worker of a blocked task after abort()", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 2, grace: SHORT });
  const { path, open: openGate } = gate();
  const sibling = pool.submit(tasks.waitForFile, path, "sibling");
  const victim = pool.submit(faults.spin);
  const queued = [1, 2, 3].map((n) => pool.submit(tasks.double, n));
  await untilStarted(victim, sibling);
  const reason = new Error("enough");
  victim.abort(reason);
  assertStrictEquals(await within("the grace", victim.exception()), reason);
  assertEquals(await within("the queue", Promise.all(queued)), [2, 4, 6]);
  openGate();
  assertEquals(await sibling, "sibling");
}, { skip: IS_THREADS });

testEach(WORKERS, "stops a blocked task at its timeout", async ({ open }) => {
  const pool = open({ maxWorkers: 1, grace: SHORT });
  const error = await within("the limit", pool.with({ timeout: SHORT }).submit(faults.spin).exception());
  assertInstanceOf(error, TimeoutError);
  assertEquals(await within("the next task", pool.submit(tasks.double, 1)), 2);
}, { skip: IS_THREADS });

testEach(WORKERS, "stops a blocked worker that also has waiting tasks", async ({ open }) => {
  const pool = open({ maxWorkers: 1, concurrency: 2, grace: SHORT });
  const victim = pool.submit(faults.spin);
  const beside = pool.submit(tasks.double, 1);
  await untilStarted(victim);
  victim.abort(new Error("enough"));
  assertEquals((await within("the grace", victim.exception()) as Error).message, "enough");
  await within("the one beside", beside.exception());
  assertEquals(await within("the next task", pool.submit(tasks.double, 2)), 4);
}, { skip: IS_THREADS });

testEach(WORKERS, "sends no task to a worker that an aborted task blocks", async ({ open }) => {
  const pool = open({ maxWorkers: 1, concurrency: 3, grace: SHORT });
  const victim = pool.submit(faults.spin);
  await untilStarted(victim);
  victim.abort(new Error("enough"));
  // The worker has room for two more tasks until the grace is over, and is then replaced.
  const next = [1, 2, 3].map((n) => pool.submit(tasks.double, n));
  assertEquals(await within("the next tasks", Promise.all(next)), [2, 4, 6]);
}, { skip: IS_THREADS });

testEach(WORKERS, "sends more tasks to a worker whose aborted task does not block", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1, concurrency: 2 });
  const { path, open: openGate } = gate();
  const victim = pool.submit(tasks.waitForFile, path, "late");
  await untilStarted(victim);
  victim.abort(new Error("enough"));
  assertEquals(await within("the next task", pool.submit(tasks.double, 1)), 2);
  openGate();
});

testEach([THREADS], "ends the thread of a blocked task", async ({ open }) => {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const pool = open({ maxWorkers: 1, grace: SHORT });
  const victim = pool.submit(faults.spinInSight, cell);
  await until("it runs", () => Atomics.load(cell, 0) > 0);
  victim.abort();
  await within("the grace", victim.exception());
  assertEquals(await within("the next task", pool.submit(tasks.double, 1)), 2);
  let before = -1;
  await until("it stands still", () => {
    const now = Atomics.load(cell, 0);
    const still = now === before;
    before = now;
    return still;
  });
}, { skip: IS_THREADS });

testEach([PROCESSES], "ends the process of a blocked task", async ({ open }) => {
  const pool = open({ maxWorkers: 1, grace: SHORT });
  const pid = await pool.submit(tasks.pid);
  const victim = pool.submit(faults.spin);
  await untilStarted(victim);
  victim.abort();
  await within("the grace", victim.exception());
  await until("the process is gone", async () => !await alive(pid));
});

test(
  "ThreadPoolExecutor settles a blocked task and runs the next ones, on every runtime",
  { timeout: SLOW_TEST_LIMIT },
  async () => {
    const { stdout, stderr, late } = await runProgram("blocked_threads.ts");
    assert(!late, stdout + stderr);
    const expected = ["AbortError", "42", RUNTIME === "deno" ? "workerlost" : "replaced", "ended"];
    assertEquals(stdout.trim().split("\n"), expected, stderr);
  },
);

test("ThreadPoolExecutor breaks when too many threads cannot be stopped", {
  timeout: SLOW_TEST_LIMIT,
  skip: RUNTIME !== "deno" && "threads can be stopped here",
}, async () => {
  const { stdout, stderr, late } = await runProgram("blocked_threads.ts", { args: ["2"] });
  assert(!late, stdout + stderr);
  assertEquals(stdout.trim().split("\n").at(-2), BrokenExecutorError.name, stderr);
});
