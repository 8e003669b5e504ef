// Tests what tasks that need resources give back, however they end.

import { existsSync } from "node:fs";
import process from "node:process";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import { Resources, WorkerLostError } from "../../mod.ts";
import { linger } from "../fixtures/abort_tasks.ts";
import { deafUntil, exitUntil, failUntil } from "../fixtures/retry_tasks.ts";
import { add, neverEnd, pid, waitForFile } from "../fixtures/tasks.ts";
import { ALL, PROCESSES, testEach, WORKERS } from "../support/executors.ts";
import { until, within } from "../support/poll.ts";
import { LONG, SHORT } from "../support/timing.ts";

const GPU = { resources: { gpu: 1 } };
/** Pauses so long that no second attempt starts within the test. */
const NEVER = { minDelay: LONG, maxDelay: LONG, jitter: 0 };

testEach(ALL, "with({ resources }) lets a waiting task be cancelled and aborted", async ({ open, gate }) => {
  const resources = new Resources({ gpu: 2 });
  const pool = open({ maxWorkers: 3, resources });
  const held = gate();
  const running = pool.with(GPU).submit(waitForFile, held.path);
  const controller = new AbortController();
  const large = { resources: { gpu: 2 } };
  const aborted = pool.with({ ...large, signal: controller.signal }).submit(add, 1, 1);
  const cancelled = pool.with(large).submit(add, 2, 2);
  const behind = pool.with(GPU).submit(add, 3, 3);
  await until("it runs", () => pool.stats().running === 1 && pool.stats().workers.starting === 0);
  assertEquals(pool.stats().waiting, 3);
  const reason = new Error("no more");
  controller.abort(reason);
  assertStrictEquals(aborted.exceptionNow(), reason);
  assert(cancelled.cancel());
  // Nothing is kept for them any more.
  assertEquals(await within("the task behind", behind), 6);
  assertEquals([pool.stats().waiting, resources.available("gpu")], [0, 1]);
  held.open();
  await running;
});

testEach(ALL, "with({ resources }) holds them until an aborted task has ended", async ({ open, gate, file }) => {
  const resources = new Resources({ gpu: 1 });
  const pool = open({ maxWorkers: 2, grace: LONG, resources });
  const held = gate();
  const log = file("log");
  const running = pool.with(GPU).submit(linger, log, held.path);
  await until("it runs", () => existsSync(log));
  running.abort();
  await assertRejects(() => running, DOMException);
  const next = pool.with(GPU).submit(add, 1, 2);
  await assertRejects(() => next.result({ timeout: SHORT }));
  assertEquals(resources.available("gpu"), 0);
  held.open();
  assertEquals(await within("the next", next), 3);
});

testEach(ALL, "with({ resources }) gives back what a task held whose grace is over", async ({ open }) => {
  const resources = new Resources({ gpu: 1 });
  const pool = open({ maxWorkers: 2, grace: SHORT, resources });
  await assertRejects(() => pool.with({ ...GPU, timeout: SHORT }).submit(neverEnd));
  assertEquals(await within("the next", pool.with(GPU).submit(add, 1, 2)), 3);
  assertEquals(resources.available("gpu"), 1);
});

testEach(WORKERS, "with({ resources }) gives back what a lost worker held", async ({ open }) => {
  const resources = new Resources({ gpu: 1 });
  const pool = open({ maxWorkers: 2, resources });
  const exit = pool.with({ ...GPU, retry: { maxAttempts: 1 } });
  const lost = exit.submit(exitUntil, 9);
  const next = pool.with(GPU).submit(add, 1, 2);
  assertInstanceOf(await lost.exception(), WorkerLostError);
  assertEquals(await within("the next", next), 3);
  assertEquals(resources.available("gpu"), 1);
});

testEach([PROCESSES], "with({ resources }) gives back what a killed process held", async ({ open }) => {
  const resources = new Resources({ gpu: 1 });
  const pool = open({ maxWorkers: 1, resources });
  const id = await pool.submit(pid);
  const lost = pool.with(GPU).submit(neverEnd);
  await until("it runs", () => pool.stats().running === 1);
  process.kill(id, "SIGKILL");
  assertInstanceOf(await lost.exception(), WorkerLostError);
  assertEquals(resources.available("gpu"), 1);
  assertEquals(await pool.with(GPU).submit(add, 1, 2), 3);
});

testEach(ALL, "with({ resources, retry }) gives them back during the delay", async ({ open }) => {
  const resources = new Resources({ gpu: 1 });
  const pool = open({ maxWorkers: 2, grace: SHORT, resources });
  const trying = pool.with({ ...GPU, retry: NEVER }).submit(failUntil, 2);
  assertEquals(await within("the next", pool.with(GPU).submit(add, 1, 2)), 3);
  const late = pool.with({ ...GPU, timeout: SHORT, retry: NEVER }).submit(deafUntil, 2);
  assertEquals(await within("the next", pool.with(GPU).submit(add, 1, 2)), 3);
  assertEquals(resources.available("gpu"), 1);
  for (const future of [trying, late]) assert(future.cancel());
  const again = pool.with({ ...GPU, retry: { minDelay: 0 } });
  assertEquals(await Promise.all([again.submit(failUntil, 3), again.submit(failUntil, 2)]), [3, 2]);
  assertEquals(resources.available("gpu"), 1);
});
