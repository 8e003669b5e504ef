// Tests the options of executors: their validation, and their effect on workers.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { readFileSync } from "node:fs";
import { BrokenExecutorError, RejectedError } from "../../mod.ts";
import * as setup from "../fixtures/setup_tasks.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, PROCESSES, testEach, WORKERS } from "../support/executors.ts";
import { until, untilStarted, within } from "../support/poll.ts";
import { SHORT } from "../support/timing.ts";

const COUNTS = ["maxWorkers", "concurrency", "maxTasksPerWorker", "maxMemoryBytes"];
const DURATIONS = ["idleTimeout", "startTimeout", "grace"];

testEach(ALL, "refuses options of the wrong kind", ({ open }) => {
  const refused = (name: string, value: unknown, errorClass: typeof TypeError | typeof RangeError) => {
    const error = assertThrows(() => open({ [name]: value }), errorClass);
    assertStringIncludes(error.message, `'${name}'`);
  };
  for (const name of COUNTS) {
    for (const value of [0, -1, 1.2, NaN, Infinity]) refused(name, value, RangeError);
    for (const value of [true, {}, "3", null]) refused(name, value, TypeError);
  }
  for (const name of DURATIONS) {
    for (const value of [-1, NaN]) refused(name, value, RangeError);
    for (const value of ["1", true, null]) refused(name, value, TypeError);
  }
  for (const value of [-1, 0.5]) refused("minWorkers", value, RangeError);
  for (const value of [-1, 0.5, NaN]) refused("queueLimit", value, RangeError);
  refused("overflow", "drop", TypeError);
  refused("onWorkerLost", "ignore", TypeError);
  refused("initArgs", "text", TypeError);
  refused("name", 5, TypeError);
  for (const value of [5, "prepare", () => {}]) assertThrows(() => open({ initializer: value as never }), TypeError);
  assertThrows(() => open({ maxWorkers: 2, minWorkers: 3 }), RangeError);
  for (const value of [null, 5, "text"]) assertThrows(() => open(value as never), TypeError);
});

testEach([PROCESSES], "refuses options of processes of the wrong kind", ({ open }) => {
  for (
    const options of [{ env: 5 }, { env: null }, { cwd: 5 }, { execArgs: "x" }, { execArgs: [5] }, {
      permissions: "all",
    }, {
      permissions: [1],
    }]
  ) assertThrows(() => open(options as never), TypeError);
});

testEach(ALL, "has as many workers as the runtime can run at once, by default", ({ open }) => {
  assertEquals(open().maxWorkers, navigator.hardwareConcurrency);
  assertEquals(open({ maxWorkers: 3 }).maxWorkers, 3);
  assertEquals(open({ maxWorkers: undefined, name: undefined }).maxWorkers, navigator.hardwareConcurrency);
});

testEach(ALL, "runs the initializer with its arguments before the first task", async ({ open }) => {
  for (const initializer of [setup.prepare, setup.prepareLater]) {
    const pool = open({ maxWorkers: 1, initializer, initArgs: [1, { two: new Map([[3, 4]]) }] });
    assertEquals(await pool.submit(setup.seePrepared), [1, { two: new Map([[3, 4]]) }]);
  }
});

testEach(WORKERS, "runs the initializer once in every worker", async ({ open, file, gate }) => {
  const trace = file("trace");
  const pool = open({ maxWorkers: 2, initializer: setup.leaveTrace, initArgs: [trace] });
  const { path, open: openGate } = gate();
  const futures = [1, 2].map(() => pool.submit(tasks.waitForFile, path));
  await untilStarted(...futures);
  openGate();
  await Promise.all(futures);
  await pool.map(tasks.double, [1, 2, 3]);
  assertEquals(readFileSync(trace, "utf8"), "started\n".repeat(2));
});

testEach(ALL, "breaks when the initializer fails, and names the cause", async ({ open }) => {
  const pool = open({ maxWorkers: 1, initializer: setup.failToPrepare, initArgs: ["no wool"] });
  const futures = [1, 2, 3].map((n) => pool.submit(tasks.double, n));
  for (const future of futures) {
    const error = await within("the failure", future.exception());
    assertInstanceOf(error, BrokenExecutorError);
    assertInstanceOf(error.cause, RangeError);
    assertEquals(error.cause.message, "no wool");
    assertStringIncludes(error.message, "initializer");
  }
  assertThrows(() => pool.submit(tasks.double, 1), BrokenExecutorError);
  assertThrows(() => pool.map(tasks.double, [1]), BrokenExecutorError);
  await within("the end", pool.shutdown());
});

testEach(ALL, "breaks when the arguments of the initializer cannot be cloned", async ({ open }) => {
  const pool = open({ maxWorkers: 1, initializer: setup.prepare, initArgs: [{ fn: () => {} }] });
  const error = await within("the failure", pool.submit(tasks.double, 1).exception());
  assertInstanceOf(error, BrokenExecutorError);
  assertStringIncludes(String(error.cause), "Cannot send initArgs[0].fn: a function cannot travel");
});

testEach(ALL, "replaces a worker after maxTasksPerWorker tasks", async ({ open }) => {
  const pool = open({ maxWorkers: 1, maxTasksPerWorker: 3 });
  const ids: number[] = [];
  for (let i = 0; i < 7; i++) ids.push(await pool.submit(tasks.workerId));
  const [first, second, third] = [ids[0]!, ids[3]!, ids[6]!];
  assertEquals(ids, [first, first, first, second, second, second, third]);
  assertEquals(new Set(ids).size, 3);
  assertEquals(pool.stats().restarts, 2);
  assertEquals(pool.stats().lost, 0);
});

testEach(WORKERS, "never exceeds maxTasksPerWorker with many tasks in flight", async ({ open }) => {
  const pool = open({ maxWorkers: 2, maxTasksPerWorker: 10 });
  const places = await Promise.all(Array.from({ length: 30 }, () => pool.submit(tasks.place)));
  const counts = new Map<string, number>();
  for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
  assert(Math.max(...counts.values()) <= 10, [...counts.values()].join());
});

testEach(WORKERS, "ends idle workers after idleTimeout, and starts new ones on demand", async ({ open }) => {
  const pool = open({ maxWorkers: 1, idleTimeout: SHORT });
  const first = await pool.submit(tasks.place);
  await until("the worker is gone", () => pool.stats().workers.idle === 0);
  assertNotEquals(await pool.submit(tasks.place), first);
  assertEquals(pool.stats().lost, 0);
});

testEach(WORKERS, "keeps at least minWorkers workers", async ({ open }) => {
  const pool = open({ maxWorkers: 2, minWorkers: 1, idleTimeout: SHORT });
  await until("the first has started", () => pool.stats().workers.idle === 1);
  const results = await Promise.all(Array.from({ length: 20 }, (_, n) => pool.submit(tasks.double, n)));
  assertEquals(results.length, 20);
  await until("one is left", () => pool.stats().workers.idle === 1);
  assertEquals(await pool.submit(tasks.double, 1), 2);
});

testEach(ALL, "rejects tasks beyond queueLimit", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1, queueLimit: 2, overflow: "reject" });
  await until("it knows its workers", () => pool.maxWorkers === 1);
  const { path, open: openGate } = gate();
  const futures = [1, 2, 3].map((n) => pool.submit(tasks.waitForFile, path, n));
  await untilStarted(futures[0]!);
  const error = await pool.submit(tasks.double, 4).exception();
  assertInstanceOf(error, RejectedError);
  openGate();
  assertEquals(await Promise.all(futures), [1, 2, 3]);
  assertEquals(await pool.submit(tasks.double, 1), 2);
});

testEach(ALL, "accepts a task only if a worker is free when queueLimit is 0", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1, queueLimit: 0, overflow: "reject" });
  await until("it knows its workers", () => pool.maxWorkers === 1);
  const { path, open: openGate } = gate();
  const first = pool.submit(tasks.waitForFile, path, 1);
  assertInstanceOf(await pool.submit(tasks.double, 1).exception(), RejectedError);
  openGate();
  assertEquals(await first, 1);
  assertEquals(await pool.submit(tasks.double, 1), 2);
});

testEach(WORKERS, "runs tasks beyond queueLimit in the calling loop (caller-runs)", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1, queueLimit: 0, overflow: "caller-runs" });
  const { path, open: openGate } = gate();
  const first = pool.submit(tasks.waitForFile, path, 1);
  const here = tasks.place();
  assertEquals(await pool.submit(tasks.place), here);
  assertEquals(await pool.submit(tasks.addLater, 1, 2), 3);
  openGate();
  assertEquals(await first, 1);
});

testEach(ALL, "queues tasks beyond queueLimit, while map() reads no more items", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1, queueLimit: 2, overflow: "wait" });
  const { path, open: openGate } = gate();
  const futures = [1, 2, 3, 4, 5].map((n) => pool.submit(tasks.waitForFile, path, n));
  assertEquals(pool.stats().waiting, 5);
  let taken = 0;
  function* items(): Generator<number> {
    for (let i = 0; i < 50; i++, taken++) yield i;
  }
  const results = pool.map(tasks.double, items());
  assert(taken <= 3, `${taken} were taken`);
  openGate();
  assertEquals(await Promise.all(futures), [1, 2, 3, 4, 5]);
  assertEquals((await results).length, 50);
});
