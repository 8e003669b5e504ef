// Tests the counters and events of executors.

import { assert, assertEquals } from "@std/assert";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Summary } from "../../mod.ts";
import { throwNow } from "../fixtures/failing_tasks.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, testEach } from "../support/executors.ts";
import { untilStarted } from "../support/poll.ts";

function assertSummary({ count, p50, p90, p99, max }: Summary, expected: number): void {
  assertEquals(count, expected);
  assert(0 <= p50 && p50 <= p90 && p90 <= p99 && p99 <= max, `${p50} ${p90} ${p99} ${max}`);
}

testEach(ALL, "stats() starts with zeros", ({ open }) => {
  const none = { count: 0, p50: 0, p90: 0, p99: 0, max: 0 };
  const expected = {
    workers: { idle: 0, busy: 0, starting: 0 },
    waiting: 0,
    running: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
    lost: 0,
    restarts: 0,
    unobserved: 0,
    queueTime: none,
    transferTime: none,
    runTime: none,
  };
  // Clusters have more counters.
  const stats = open({ maxWorkers: 1 }).stats();
  assertEquals({ ...stats, ...expected }, stats);
});

testEach(ALL, "stats() counts tasks by where they are", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1 });
  const { path, open: openGate } = gate();
  const running = pool.submit(tasks.waitForFile, path);
  const waiting = [1, 2, 3].map((n) => pool.submit(tasks.double, n));
  assertEquals(pool.stats().waiting, 4);
  await untilStarted(running);
  let stats = pool.stats();
  assertEquals([stats.running, stats.waiting, stats.workers.busy], [1, 3, 1]);
  waiting[0]!.cancel();
  assertEquals(pool.stats().waiting, 2);
  openGate();
  await Promise.all([running, waiting[1], waiting[2], pool.submit(throwNow, "Error").exception()]);
  stats = pool.stats();
  assertEquals([stats.running, stats.waiting], [0, 0]);
  assertEquals([stats.completed, stats.failed, stats.cancelled, stats.lost, stats.restarts], [3, 1, 1, 0, 0]);
  assertEquals(stats.workers, { idle: 1, busy: 0, starting: 0 });
  assertSummary(stats.queueTime, 4);
  assertSummary(stats.transferTime, 4);
  assertSummary(stats.runTime, 4);
});

testEach(ALL, "stats() counts no workers after the shutdown, and keeps its counters", async ({ open }) => {
  const pool = open({ maxWorkers: 2 });
  await pool.map(tasks.double, [1, 2, 3]);
  await pool.shutdown();
  const { workers, completed, waiting, running } = pool.stats();
  assertEquals([workers, completed, waiting, running], [{ idle: 0, busy: 0, starting: 0 }, 3, 0, 0]);
});

testEach(ALL, "announces the start and end of tasks", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const seen: unknown[] = [];
  pool.addEventListener("taskstart", ({ detail }) => seen.push(["start", detail.task, detail.workerId]));
  pool.addEventListener("taskend", ({ detail }) => seen.push(["end", detail.task, (detail.error as Error)?.message]));
  const id = await pool.submit(tasks.workerId);
  await pool.submit(throwNow, "TypeError").exception();
  assertEquals(seen, [
    ["start", "workerId", id],
    ["end", "workerId", undefined],
    ["start", "throwNow", id],
    ["end", "throwNow", "of type"],
  ]);
});

testEach(ALL, "announces workers that start", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const seen: number[] = [];
  pool.addEventListener("workerstart", ({ detail }) => seen.push(detail.workerId));
  assertEquals(seen, []);
  assertEquals([await pool.submit(tasks.workerId)], seen);
});

testEach(ALL, "publishes the same to diagnostics channels", async ({ open }) => {
  const seen: string[] = [];
  const onTask = (message: unknown) => seen.push(`task ${(message as { type: string }).type}`);
  const onWorker = (message: unknown) => seen.push(`worker ${(message as { type: string }).type}`);
  subscribe("heddle:task", onTask);
  subscribe("heddle:worker", onWorker);
  try {
    await open({ maxWorkers: 1 }).submit(tasks.double, 1);
    assertEquals(seen, ["worker start", "task start", "task end"]);
  } finally {
    unsubscribe("heddle:task", onTask);
    unsubscribe("heddle:worker", onWorker);
  }
});
