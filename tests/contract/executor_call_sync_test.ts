// Tests blocking calls.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import {
  BrokenExecutorError,
  DeadlockError,
  inline,
  InvalidStateError,
  Queue,
  tasksFrom,
  TimeoutError,
  transfer,
  WorkerLostError,
} from "../../mod.ts";
import * as tasks from "../fixtures/sync_call_tasks.ts";
import { failToPrepare } from "../fixtures/setup_tasks.ts";
import { add, echo, neverEnd, waitForFile } from "../fixtures/tasks.ts";
import { ALL, INLINE, testEach, THREADS, WORKERS } from "../support/executors.ts";
import { until } from "../support/poll.ts";
import { SHORT } from "../support/timing.ts";

testEach(ALL, "callSync() returns the result of a task", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  for (let n = 0; n < 20; n++) assertEquals(pool.callSync(add, n, 1), n + 1);
  assertEquals(pool.callSync(tasks.inlineTriple, 7), 21);
  assertEquals(await pool.submit(add, 1, 2), 3);
  assertEquals(pool.callSync(add, 3, 4), 7);
});

testEach(ALL, "callSync() passes values of any size and kind", ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const self: Record<string, unknown> = { n: [1n, undefined, -0] };
  self.self = self;
  const copy = pool.callSync(echo, self) as typeof self;
  assert(copy.self === copy && copy !== self);
  const bytes = new Uint8Array(300_000).fill(5);
  assertEquals(pool.callSync(echo, bytes), bytes);
  const moved = new Uint8Array([1, 2, 3]);
  assertEquals(pool.callSync(echo, transfer(moved, [moved.buffer])), new Uint8Array([1, 2, 3]));
  assertEquals(moved.length, 0);
});

testEach(WORKERS, "callSync() waits for asynchronous tasks", ({ open }) => {
  assertEquals(open({ maxWorkers: 1 }).callSync(tasks.addSoon, 1, 2), 3);
});

testEach(ALL, "callSync() throws the error of the task with all its properties", ({ open }) => {
  const error = assertThrows(() => open({ maxWorkers: 1 }).callSync(tasks.throwsWhole), RangeError, "whole");
  assertEquals((error as unknown as { code: string }).code, "E_WHOLE");
  assertInstanceOf(error.cause, TypeError);
});

testEach(ALL, "callSync() throws errors that are known at the call", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  assertThrows(() => pool.callSync((() => {}) as never), TypeError, "not a task");
  const error = assertThrows(() => pool.callSync(echo, { call: () => {} }), DOMException);
  assert(error.message.includes("args[0].call: a function cannot travel"), error.message);
  const aborted = pool.with({ signal: AbortSignal.abort(new RangeError("before")) });
  assertThrows(() => aborted.callSync(add, 1, 2), RangeError, "before");
  await pool.shutdown();
  assertThrows(() => pool.callSync(add, 1, 2), InvalidStateError);
});

testEach(WORKERS, "callSync() rejects an argument that the blocked thread would have to serve", ({ open }) => {
  assertThrows(() => open({ maxWorkers: 1 }).callSync(echo, new Queue()), InvalidStateError, "serves");
});

testEach([INLINE], "callSync() rejects a task that returns a promise, and a wait for itself", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  assertThrows(() => pool.callSync(tasks.addSoon, 1, 2), InvalidStateError, "promise");
  const asks = inline(() => pool.callSync(add, 1, 2));
  await assertRejects(() => pool.submit(asks), DeadlockError);
});

testEach(WORKERS, "callSync() ends with the timeout of its view", async ({ open }) => {
  const pool = open({ maxWorkers: 1, grace: SHORT });
  assertEquals(pool.callSync(add, 1, 2), 3);
  assertThrows(() => pool.with({ timeout: SHORT }).callSync(tasks.neverSync), TimeoutError, "neverSync");
  assertEquals(pool.callSync(add, 1, 2), 3);
  assertEquals(await pool.submit(add, 1, 2), 3);
});

testEach(WORKERS, "callSync() replaces a worker whose task goes on after its timeout and grace", async ({ open }) => {
  const pool = open({ maxWorkers: 1, grace: SHORT });
  assertThrows(() => pool.with({ timeout: SHORT }).callSync(neverEnd), TimeoutError, "neverEnd");
  assertEquals(pool.callSync(add, 1, 2), 3);
  assertThrows(() => pool.with({ timeout: SHORT }).callSync(neverEnd), TimeoutError, "neverEnd");
  assertEquals(await pool.submit(add, 1, 2), 3);
});

testEach(WORKERS, "callSync() waits for a module no longer than startTimeout", async ({ open }) => {
  const pool = open({ maxWorkers: 1, startTimeout: 40 * SHORT, grace: SHORT });
  const { late } = tasksFrom<{ late(): void }>(new URL("../fixtures/endless_module.ts", import.meta.url));
  assertThrows(() => pool.with({ timeout: SHORT }).callSync(late), TimeoutError, "did not load");
  assertEquals(pool.callSync(add, 1, 2), 3);
  assertEquals(await pool.submit(add, 1, 2), 3);
});

testEach(WORKERS, "callSync() throws when its worker is lost", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  assertEquals(pool.callSync(add, 1, 2), 3);
  assertThrows(() => pool.callSync(tasks.exits), WorkerLostError);
  assertEquals(await pool.submit(add, 1, 2), 3);
  assertEquals(pool.callSync(add, 1, 2), 3);
});

testEach(WORKERS, "callSync() throws when the initializer fails", ({ open }) => {
  const pool = open({ maxWorkers: 1, initializer: failToPrepare, initArgs: ["fail"] });
  assertThrows(() => pool.callSync(add, 1, 2), BrokenExecutorError);
});

testEach([THREADS], "callSync() runs before waiting tasks, on the first free worker", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 2, queueLimit: 0, overflow: "reject" });
  const held = gate();
  const running = pool.submit(waitForFile, held.path, 1);
  await until("it runs", () => pool.stats().running === 1);
  assertEquals(pool.callSync(tasks.whereSync), 2);
  const waiting = pool.submit(tasks.addSoon, 1, 1);
  assertEquals(pool.callSync(tasks.whereSync), 2);
  held.open();
  await running;
  assertEquals(await waiting, 2);
});

testEach([THREADS], "callSync() works inside workers", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  assertEquals(await pool.submit(tasks.callsInside, "threads"), 42);
  assertEquals(pool.callSync(tasks.callsInside, "threads"), 42);
});

testEach(WORKERS, "callSync() goes on with another worker right after one was lost", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  for (let round = 0; round < 2; round++) {
    assertEquals(pool.callSync(add, round, 1), round + 1);
    assertThrows(() => pool.callSync(tasks.exits), WorkerLostError);
  }
  assertEquals(pool.callSync(add, 3, 1), 4);
  assertEquals(await pool.submit(add, 1, 2), 3);
});
