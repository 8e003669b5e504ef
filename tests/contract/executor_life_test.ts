// Tests the life of executors, and of their views: ready, room, pause, resume, terminate.

import { assert, assertEquals, assertFalse, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { CancelledError, InvalidStateError, RejectedError, TimeoutError } from "../../mod.ts";
import { add, double, neverEnd, waitForFile } from "../fixtures/tasks.ts";
import { ALL, testEach } from "../support/executors.ts";
import { until, within } from "../support/poll.ts";
import { countingSignal } from "../support/signals.ts";
import { LONG, SHORT } from "../support/timing.ts";

testEach(ALL, "ready() resolves when tasks can run", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  await within("ready()", pool.ready());
  await within("ready() of a view", pool.with({ priority: 1 }).ready({ timeout: LONG }));
  assertEquals(await pool.submit(add, 1, 2), 3);
  const reason = new RangeError("no more");
  await assertRejects(() => pool.with({}).ready({ signal: AbortSignal.abort(reason) }), RangeError, "no more");
  await assertRejects(() => pool.ready({ timeout: -1 }), RangeError, "timeout");
  await pool.shutdown();
  await assertRejects(() => pool.ready(), InvalidStateError);
  await assertRejects(() => pool.with({}).ready(), InvalidStateError);
});

testEach(ALL, "pause() holds back what is submitted until resume(), through a view too", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const view = pool.with({ priority: 1 });
  assertEquals(await pool.submit(add, 1, 1), 2);
  view.pause();
  view.pause();
  const futures = [1, 2, 3, 4].map((n) => pool.submit(double, n));
  const mapped = Promise.resolve(view.map(double, [5, 6]));
  await assertRejects(() => futures[0]!.result({ timeout: SHORT }), TimeoutError);
  assertFalse(futures[0]!.running);
  assert(pool.stats().waiting >= 4);
  assert(futures[1]!.cancel());
  assert(futures[1]!.cancelled);
  const reason = new RangeError("no more");
  futures[2]!.abort(reason);
  await assertRejects(() => futures[2]!, RangeError, "no more");
  view.resume();
  view.resume();
  assertEquals(await Promise.all([futures[0], futures[3], mapped]), [2, 8, [10, 12]]);
  assertEquals(await pool.submit(add, 1, 1), 2);
});

testEach(ALL, "pause() lets tasks end that run", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1 });
  const held = gate();
  const running = pool.submit(waitForFile, held.path, "ran");
  await until("it runs", () => pool.stats().running === 1 && pool.stats().workers.starting === 0);
  pool.pause();
  const waiting = pool.submit(add, 1, 2);
  held.open();
  assertEquals(await running, "ran");
  assertFalse(waiting.done);
  pool.resume();
  assertEquals(await waiting, 3);
});

testEach(ALL, "shutdown() resumes an executor that is paused", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  pool.pause();
  const future = pool.submit(add, 1, 2);
  await within("the shutdown", pool.shutdown());
  assertEquals(await future, 3);
  assertThrows(() => pool.pause(), InvalidStateError);
  assertThrows(() => pool.with({}).pause(), InvalidStateError);
  pool.resume();
  const other = open({ maxWorkers: 1 });
  other.pause();
  const dropped = other.submit(add, 1, 2);
  await within("the shutdown", other.shutdown({ cancelFutures: true }));
  assert(dropped.cancelled);
});

testEach(ALL, "room() serves callers in order when a submit would not overflow", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1, queueLimit: 1, overflow: "reject" });
  await until("it knows its workers", () => pool.maxWorkers === 1);
  const view = pool.with({ priority: 1 });
  await within("room()", view.room());
  const [first, second] = [gate(), gate()];
  const running = [pool.submit(waitForFile, first.path, 1), pool.submit(waitForFile, second.path, 2)];
  await assertRejects(() => pool.submit(add, 1, 2), RejectedError);
  await assertRejects(() => view.room({ timeout: 0 }), TimeoutError);
  await assertRejects(() => pool.room({ timeout: SHORT }), TimeoutError);
  const { signal, listeners } = countingSignal();
  const order: number[] = [];
  const places = [1, 2].map((n) =>
    (n === 1 ? pool : view).room({ signal }).then(() => {
      order.push(n);
      return pool.submit(double, n);
    })
  );
  const controller = new AbortController();
  const aborted = pool.room({ signal: controller.signal });
  const reason = new RangeError("no more");
  controller.abort(reason);
  await assertRejects(() => aborted, RangeError, "no more");
  assertEquals(order, []);
  first.open();
  second.open();
  assertEquals(await within("room()", Promise.all([...running, ...places])), [1, 2, 2, 4]);
  assertEquals([order, listeners()], [[1, 2], 0]);
});

testEach(ALL, "room() rejects when the executor is shut down", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1, queueLimit: 0, overflow: "reject" });
  await until("it knows its workers", () => pool.maxWorkers === 1);
  const held = gate();
  const running = pool.submit(waitForFile, held.path, 1);
  const waiting = assertRejects(() => pool.room(), InvalidStateError);
  const ended = pool.shutdown();
  await within("the rejection", waiting);
  await assertRejects(() => pool.with({}).room(), InvalidStateError);
  held.open();
  assertEquals(await running, 1);
  await within("the shutdown", ended);
});

testEach(ALL, "terminate() of a view rejects all futures as cancelled", async ({ open }) => {
  const pool = open({ maxWorkers: 1, grace: SHORT });
  const running = pool.submit(neverEnd);
  await until("it runs", () => pool.stats().running === 1 && pool.stats().workers.starting === 0);
  const waiting = pool.submit(add, 1, 2);
  const mapped = Promise.resolve(pool.map(double, [1, 2]));
  const failures = [waiting, mapped].map((each) => assertRejects(async () => await each, CancelledError));
  const ended = pool.with({ priority: 1 }).terminate();
  assertInstanceOf(running.exceptionNow(), CancelledError);
  assertThrows(() => pool.submit(add, 1, 2), InvalidStateError);
  await within("the end", ended);
  await within("the failures", Promise.all(failures));
  assertEquals([pool.stats().waiting, pool.stats().running], [0, 0]);
  await within("the second call", pool.terminate());
  await pool.shutdown();
});

testEach(ALL, "terminate() ends an executor that is paused", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  pool.pause();
  const waiting = pool.submit(add, 1, 2);
  const failure = assertRejects(() => waiting, CancelledError);
  await within("the end", pool.terminate());
  await failure;
});
