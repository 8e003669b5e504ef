// Tests cancel() and abort() in every state of a task.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { readFileSync } from "node:fs";
import { CancelledError, InvalidStateError } from "../../mod.ts";
import { linger } from "../fixtures/abort_tasks.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, countsOf, INLINE, testEach, THREADS, WORKERS } from "../support/executors.ts";
import { until, untilStarted, within } from "../support/poll.ts";
import { LONG, SHORT } from "../support/timing.ts";

testEach(ALL, "cancel() drops a waiting task", async ({ shared, gate, kind }) => {
  const pool = shared();
  const counts = countsOf(pool);
  const { path, open: openGate } = gate();
  const running = pool.submit(tasks.waitForFile, path, "ran");
  const waiting = pool.submit(tasks.double, 1);
  await untilStarted(running);
  assert(waiting.cancel());
  if (kind.decidesLater) await until("it was decided", () => waiting.done);
  assert(waiting.cancelled && waiting.done);
  assertFalse(waiting.running);
  assert(waiting.cancel());
  await assertRejects(() => waiting, CancelledError);
  await assertRejects(() => waiting.exception(), CancelledError);
  assertThrows(() => waiting.resultNow(), CancelledError);
  assertThrows(() => waiting.exceptionNow(), CancelledError);
  openGate();
  assertEquals(await running, "ran");
  assertEquals(counts().cancelled, 1);
});

testEach(
  [INLINE, THREADS],
  "cancel() drops a task behind a running one whose earlier calls were short",
  async ({ open, gate }) => {
    const pool = open({ maxWorkers: 1 });
    const [opened, closed] = [gate(), gate()];
    opened.open();
    for (let round = 0; round < 5; round++) await pool.map(tasks.waitForFile, Array(100).fill(opened.path));
    const [running, ...waiting] = [1, 2, 3].map(() => pool.submit(tasks.waitForFile, closed.path));
    await untilStarted(running!);
    assertEquals(waiting.map((future) => future.cancel()), [true, true]);
    closed.open();
    await running;
  },
);

testEach(ALL, "cancel() drops a task before the pool has dispatched it", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const future = pool.submit(tasks.double, 1);
  assert(future.cancel());
  await assertRejects(() => future, CancelledError);
  assertEquals(await pool.submit(tasks.double, 2), 4);
});

testEach(ALL, "cancel() does not affect a running task", async ({ shared, gate }) => {
  const pool = shared();
  const { path, open: openGate } = gate();
  const future = pool.submit(tasks.waitForFile, path, "ran");
  await untilStarted(future);
  assertFalse(future.cancel());
  assertFalse(future.done);
  openGate();
  assertEquals(await future, "ran");
  assertFalse(future.cancel());
  assertFalse(future.cancelled);
});

testEach(ALL, "cancel() wakes the waiters for the result", async ({ shared, gate }) => {
  const pool = shared();
  const first = pool.submit(tasks.waitForFile, gate().path);
  const waiting = pool.submit(tasks.double, 1);
  const result = assertRejects(() => waiting.result({ timeout: LONG }), CancelledError);
  const plain = assertRejects(() => waiting.then(), CancelledError);
  await untilStarted(first);
  waiting.cancel();
  await Promise.all([result, plain]);
});

testEach(ALL, "cancel() drops nine of ten tasks and lets the first one finish", async ({ kind, shared, gate }) => {
  const pool = shared();
  const counts = countsOf(pool);
  const { path, open: openGate } = gate();
  const [first, ...rest] = Array.from({ length: 10 }, (_, i) => pool.submit(tasks.waitForFile, path, i));
  await untilStarted(first!);
  assertEquals(rest.map((future) => future.cancel()), Array(9).fill(true));
  // The server of a cluster decides, some time later.
  if (kind.decidesLater) await until("they are cancelled", () => counts().cancelled === 9);
  openGate();
  assertEquals(await first, 0);
  assertEquals(counts().cancelled, 9);
  assertEquals(pool.stats().waiting, 0);
});

testEach(ALL, "abort() drops a waiting task with the reason", async ({ shared, gate }) => {
  const pool = shared();
  const { path, open: openGate } = gate();
  const running = pool.submit(tasks.waitForFile, path, "ran");
  const [waiting, other] = [pool.submit(tasks.double, 1), pool.submit(tasks.double, 2)];
  await untilStarted(running);
  const reason = new Error("changed my mind");
  waiting.abort(reason);
  assert(waiting.done);
  assertFalse(waiting.cancelled);
  assertStrictEquals(waiting.exceptionNow(), reason);
  openGate();
  assertEquals(await Promise.all([running, other]), ["ran", 4]);
});

testEach(ALL, "abort() rejects with an AbortError if no reason is given", async ({ shared, gate }) => {
  const pool = shared();
  await untilStarted(pool.submit(tasks.waitForFile, gate().path));
  const waiting = pool.submit(tasks.double, 1);
  waiting.abort();
  const error = await waiting.exception();
  assertInstanceOf(error, DOMException);
  assertEquals(error.name, "AbortError");
});

testEach(
  ALL,
  "abort() keeps the worker of a running task that returns in time, and drops the value",
  async ({ shared }) => {
    const pool = shared();
    const counts = countsOf(pool);
    const future = pool.submit(tasks.hearAndReturn);
    await untilStarted(future);
    const reason = new Error("stop");
    future.abort(reason);
    assertStrictEquals(await future.exception(), reason);
    assertEquals(await pool.submit(tasks.double, 1), 2);
    assertEquals(counts().restarts, 0);
    assertStrictEquals(future.exceptionNow(), reason);
  },
);

testEach(ALL, "abort() rejects with the reason if a running task throws on its signal", async ({ shared }) => {
  const pool = shared();
  const counts = countsOf(pool);
  const future = pool.submit(tasks.hearAndThrow);
  await untilStarted(future);
  const reason = new Error("stop");
  future.abort(reason);
  assertStrictEquals(await future.exception(), reason);
  assertEquals(counts().restarts, 0);
});

testEach(ALL, "abort() shows its reason to the task", async ({ shared, gate, file }) => {
  const pool = shared();
  const { path, open: openGate } = gate();
  openGate();
  const reasons = [new RangeError("why"), { code: 7 }, "text"];
  for (const reason of reasons) {
    const future = pool.submit(linger, file("log"), path);
    await untilStarted(future);
    future.abort(reason);
    await pool.submit(tasks.double, 1);
  }
  const heard = readFileSync(file("log"), "utf8").split("\n").filter((line) => line.startsWith("heard"));
  assertEquals(heard, ["heard RangeError: why", 'heard {"code":7}', 'heard "text"']);
});

testEach(ALL, "abort() accepts a reason that cannot be cloned", async ({ shared }) => {
  const pool = shared();
  const future = pool.submit(tasks.hearAndThrow);
  await untilStarted(future);
  const reason = () => {};
  future.abort(reason);
  assertStrictEquals(await future.exception(), reason);
});

testEach(
  ALL,
  "abort() rejects with the reason at once, and replaces the worker after the grace if the task goes on",
  async ({ shared }) => {
    const pool = shared({ maxWorkers: 1, grace: SHORT });
    const future = pool.submit(tasks.neverEnd);
    const behind = pool.submit(tasks.double, 21);
    await untilStarted(future);
    const reason = new Error("enough");
    future.abort(reason);
    assertStrictEquals(future.exceptionNow(), reason);
    assertEquals(await within("the end of the grace", behind), 42);
  },
);

testEach(
  WORKERS,
  "abort() replaces the worker of a task that goes on, without affecting its siblings",
  async ({ open, gate }) => {
    const pool = open({ maxWorkers: 2, grace: SHORT });
    const { path, open: openGate } = gate();
    const sibling = pool.submit(tasks.waitForFile, path, "sibling");
    const victim = pool.submit(tasks.neverEnd);
    const queued = [1, 2, 3].map((n) => pool.submit(tasks.double, n));
    await untilStarted(sibling, victim);
    victim.abort();
    assertInstanceOf(await victim.exception(), DOMException);
    assertEquals(await within("the queue", Promise.all(queued)), [2, 4, 6]);
    openGate();
    assertEquals(await sibling, "sibling");
    assertEquals(pool.stats().restarts, 1);
    assertEquals(pool.stats().lost, 0);
  },
);

testEach(WORKERS, "abort() lets the siblings on the same worker finish", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1, concurrency: 2, grace: SHORT });
  const { path, open: openGate } = gate();
  const sibling = pool.submit(tasks.waitForFile, path, "sibling");
  const victim = pool.submit(tasks.neverEnd);
  await untilStarted(sibling, victim);
  victim.abort();
  await within("the end of the grace", victim.exception());
  openGate();
  assertEquals(await within("the sibling", sibling), "sibling");
  assertEquals(await within("the next worker", pool.submit(tasks.double, 1)), 2);
});

testEach(ALL, "abort() takes effect once, with the first reason", async ({ shared }) => {
  const pool = shared({ maxWorkers: 1, grace: SHORT });
  const counts = countsOf(pool);
  const future = pool.submit(tasks.neverEnd);
  await untilStarted(future);
  const reason = new Error("first");
  future.abort(reason);
  future.abort(new Error("second"));
  assertStrictEquals(await within("the end of the grace", future.exception()), reason);
  assertEquals(counts().failed, 1);
});

testEach(ALL, "abort() and cancel() do not change a future that is done", async ({ shared }) => {
  const future = shared().submit(tasks.double, 1);
  assertEquals(await future, 2);
  future.abort(new Error("too late"));
  assertFalse(future.cancel());
  assertEquals(future.resultNow(), 2);
  assertEquals(await future, 2);
});

testEach(ALL, "resultNow() and exceptionNow() throw before the task has ended", async ({ shared, gate }) => {
  const pool = shared();
  const { path, open: openGate } = gate();
  const future = pool.submit(tasks.waitForFile, path, 1);
  assertThrows(() => future.resultNow(), InvalidStateError);
  assertThrows(() => future.exceptionNow(), InvalidStateError);
  openGate();
  await until("the task has ended", () => future.done);
  assertEquals(future.resultNow(), 1);
  assertEquals(future.exceptionNow(), undefined);
});
