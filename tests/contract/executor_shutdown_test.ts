// Tests how executors shut down.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { CancelledError, InvalidStateError } from "../../mod.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, testEach, WORKERS } from "../support/executors.ts";
import { scaled } from "../support/long_run.ts";
import { until, untilStarted, within } from "../support/poll.ts";
import { PROMPT } from "../support/timing.ts";

const NO_WORKERS = { idle: 0, busy: 0, starting: 0 };

testEach(ALL, "shutdown() waits for all tasks and ends the workers", async ({ open }) => {
  const pool = open({ maxWorkers: 2 });
  const futures = Array.from({ length: 50 }, (_, n) => pool.submit(tasks.double, n));
  await pool.shutdown();
  assert(futures.every((future) => future.done));
  assertEquals(await Promise.all(futures), Array.from({ length: 50 }, (_, n) => 2 * n));
  assertEquals(pool.stats().workers, NO_WORKERS);
});

testEach(ALL, "shutdown() makes later submissions throw", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const ended = pool.shutdown();
  assertThrows(() => pool.submit(tasks.double, 1), InvalidStateError, "shutdown");
  await ended;
  assertThrows(() => pool.submit(tasks.double, 1), InvalidStateError);
  assertThrows(() => pool.map(tasks.double, [1]), InvalidStateError);
  assertThrows(() => pool.starmap(tasks.add, [[1, 2]]), InvalidStateError);
  assertThrows(() => pool.with({ priority: 1 }).submit(tasks.double, 1), InvalidStateError);
});

testEach(ALL, "shutdown() can be called again, before and after the end", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1 });
  const { path, open: openGate } = gate();
  const future = pool.submit(tasks.waitForFile, path, "ran");
  await untilStarted(future);
  const ends = [pool.shutdown(), pool.shutdown(), pool.shutdown({ cancelFutures: true })];
  openGate();
  await Promise.all(ends);
  assertEquals(future.resultNow(), "ran");
  await pool.shutdown();
  await pool[Symbol.asyncDispose]();
});

testEach(ALL, "shutdown() of an unused pool ends at once", async ({ open }) => {
  const pool = open();
  await within("the end", pool.shutdown(), PROMPT);
  assertEquals(pool.stats().workers, NO_WORKERS);
});

testEach(ALL, "shutdown({ wait: false }) returns at once, and the tasks still run", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1 });
  const { path, open: openGate } = gate();
  const futures = [pool.submit(tasks.waitForFile, path, "ran"), pool.submit(tasks.double, 1)];
  await pool.shutdown({ wait: false });
  assert(!futures[0]!.done);
  assertThrows(() => pool.submit(tasks.double, 1), InvalidStateError);
  openGate();
  assertEquals(await Promise.all(futures), ["ran", 2]);
  await pool.shutdown();
  assertEquals(pool.stats().workers, NO_WORKERS);
});

testEach(ALL, "shutdown({ cancelFutures: true }) drops waiting tasks and lets running ones finish", async (stage) => {
  const { open, gate, kind } = stage;
  const pool = open({ maxWorkers: 1 });
  const { path, open: openGate } = gate();
  const running = pool.submit(tasks.waitForFile, path, "ran");
  const waiting = Array.from({ length: 10 }, (_, n) => pool.submit(tasks.double, n));
  await untilStarted(running);
  const ended = pool.shutdown({ cancelFutures: true });
  for (const future of waiting) {
    if (kind.decidesLater) await until("it was decided", () => future.done);
    assert(future.cancelled);
    await assertRejects(() => future, CancelledError);
  }
  openGate();
  await ended;
  assertEquals(await running, "ran");
  assertEquals(pool.stats().cancelled, 10);
});

testEach(ALL, "shutdown() right after submissions loses no task", async ({ open }) => {
  for (let i = 0; i < scaled(1, 3); i++) {
    const pool = open({ maxWorkers: 2, maxTasksPerWorker: 2 });
    const futures = Array.from({ length: 6 }, (_, n) => pool.submit(tasks.double, n));
    await within("the end", pool.shutdown());
    assertEquals(futures.map((future) => future.resultNow()), [0, 2, 4, 6, 8, 10]);
  }
});

testEach(ALL, "shutdown() settles a map in progress", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const results = pool.map(tasks.double, Array.from({ length: 100 }, (_, n) => n));
  const ended = pool.shutdown();
  assertEquals((await within("the results", results)).length, 100);
  await ended;
});

testEach(ALL, "shutdown() fails a map that still reads its source", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1 });
  const { path, open: openGate } = gate();
  const items = Array.from({ length: 10 }, (): [string] => [path]);
  const results = pool.starmap(tasks.waitForFile, items, { bufferSize: 2 });
  const ended = pool.shutdown();
  openGate();
  assertInstanceOf(await within("the results", results.then(() => undefined, (error) => error)), InvalidStateError);
  await ended;
});

testEach(WORKERS, "shutdown() ends the workers of minWorkers", async ({ open }) => {
  const pool = open({ maxWorkers: 2, minWorkers: 2 });
  await pool.submit(tasks.double, 1);
  await pool.shutdown();
  assertEquals(pool.stats().workers, NO_WORKERS);
});

testEach(WORKERS, "shutdown() ends a worker that is not ready yet", async ({ open }) => {
  const pool = open({ maxWorkers: 2, minWorkers: 2 });
  await within("the end", pool.shutdown());
  assertEquals(pool.stats().workers, NO_WORKERS);
});

testEach(ALL, "shutdown() rejects options of the wrong kind", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  await assertRejects(() => pool.shutdown(1 as never), TypeError);
  assertEquals(await pool.submit(tasks.double, 1), 2);
});

testEach(ALL, "[Symbol.asyncDispose]() waits for all tasks", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const future = pool.submit(tasks.double, 1);
  await pool[Symbol.asyncDispose]();
  assertEquals(future.resultNow(), 2);
  await pool[Symbol.asyncDispose]();
});
