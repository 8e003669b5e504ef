// Tests submit() on every executor.

import { assert, assertEquals, assertFalse, assertInstanceOf, assertStringIncludes, assertThrows } from "@std/assert";
import { current, Future, inline, type Task, task, tasksFrom } from "../../mod.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, testEach, WORKERS } from "../support/executors.ts";
import { untilStarted } from "../support/poll.ts";

const MODULE = new URL("../fixtures/tasks.ts", import.meta.url);

testEach(ALL, "submit() returns a future of the task's return value", async ({ shared }) => {
  const future = shared().submit(tasks.add, 2, 3);
  assertInstanceOf(future, Future);
  assertFalse(future.done);
  assertEquals(await future, 5);
  assert(future.done);
  assertFalse(future.cancelled);
  assertEquals(future.resultNow(), 5);
});

testEach(ALL, "submit() awaits an asynchronous task", async ({ shared }) => {
  assertEquals(await shared().submit(tasks.addLater, 2, 3), 5);
});

testEach(ALL, "submit() passes any number of arguments", async ({ shared }) => {
  const pool = shared();
  assertEquals(await pool.submit(tasks.count), 0);
  assertEquals(await pool.submit(tasks.count, undefined), 1);
  assertEquals(await pool.submit(tasks.count, ...Array.from({ length: 300 }, (_, i) => i)), 300);
});

testEach(ALL, "submit() resolves to undefined for a task that returns nothing", async ({ shared }) => {
  assertEquals(await shared().submit(tasks.ignore), undefined);
});

testEach(ALL, "submit() copies the arguments at once", async ({ shared }) => {
  const list = [1, 2];
  const future = shared().submit(tasks.echo, list);
  list.push(3);
  assertEquals(await future, [1, 2]);
});

testEach(ALL, "submit() runs tasks in the order of submission on one worker", async ({ shared }) => {
  const pool = shared();
  const order: number[] = [];
  const futures = Array.from({ length: 20 }, (_, i) => pool.submit(tasks.double, i));
  futures.forEach((future, i) => future.addDoneCallback(() => order.push(i)));
  await Promise.all(futures);
  assertEquals(order, Array.from({ length: 20 }, (_, i) => i));
});

testEach(ALL, "submit() settles thousands of tasks with their own results", async ({ shared }) => {
  const pool = shared({ maxWorkers: 2 });
  const futures = Array.from({ length: 5_000 }, (_, i) => pool.submit(tasks.double, i));
  assertEquals(await Promise.all(futures), Array.from({ length: 5_000 }, (_, i) => 2 * i));
});

testEach(ALL, "submit() runs up to maxWorkers tasks at once", async ({ shared, gate }) => {
  const pool = shared({ maxWorkers: 2 });
  const { path, open: openGate } = gate();
  const futures = [1, 2, 3].map((value) => pool.submit(tasks.waitForFile, path, value));
  await untilStarted(futures[0]!, futures[1]!);
  assertFalse(futures[2]!.running);
  assertEquals(pool.stats().waiting, 1);
  openGate();
  assertEquals(await Promise.all(futures), [1, 2, 3]);
});

testEach(ALL, "submit() runs up to concurrency tasks at once on a worker", async ({ shared, gate }) => {
  const pool = shared({ maxWorkers: 1, concurrency: 3 });
  const { path, open: openGate } = gate();
  const futures = [1, 2, 3, 4].map((value) => pool.submit(tasks.waitForFile, path, value));
  await untilStarted(...futures.slice(0, 3));
  assertFalse(futures[3]!.running);
  openGate();
  assertEquals(await Promise.all(futures), [1, 2, 3, 4]);
});

testEach(ALL, "submit() runs tasks that wait with automatic concurrency", async ({ open }) => {
  const pool = open({ maxWorkers: 1, concurrency: "auto" });
  const values = Array.from({ length: 50 }, (_, i): [number, number] => [i, 1]);
  assertEquals(await pool.starmap(tasks.addLater, values), values.map(([a, b]) => a + b));
});

testEach(ALL, "submit() runs inline tasks", async ({ shared }) => {
  const pool = shared();
  assertEquals(await pool.submit(inline((a: number, b: number) => a ** b), 2, 10), 1024);
  assertEquals(await pool.submit(inline(async (text: string) => await Promise.resolve(text + "!")), "hey"), "hey!");
  assertEquals(
    await pool.submit(
      inline(function named(n: number) {
        return n + 1;
      }),
      1,
    ),
    2,
  ); // deno-fmt-ignore
});

testEach(ALL, "submit() runs tasks of modules that are not loaded in this program", async ({ shared }) => {
  const handles = tasksFrom<typeof import("../fixtures/tasks.ts")>(MODULE);
  const pool = shared();
  assertEquals(await pool.submit(handles.add, 20, 22), 42);
  assertEquals(await pool.submit(handles.plain, 7), 7);
});

testEach(ALL, "submit() finds a task by its export name", async ({ shared }) => {
  const renamed: Task<[number], number> = task({ url: MODULE.href }, (n: number) => 2 * n, "double");
  assertEquals(renamed.name, "double");
  assertEquals(await shared().submit(renamed, 4), 8);
});

testEach(ALL, "submit() rejects values that are not tasks, and names the way to make one", ({ shared }) => {
  const pool = shared();
  for (const value of [tasks.plain, () => 1, "double", undefined, null, 42, {}, class {}]) {
    const error = assertThrows(() => pool.submit(value as never), TypeError);
    for (const way of ["task(", "tasksFrom(", "inline("]) assertStringIncludes(error.message, way);
    assertThrows(() => pool.map(value as never, []), TypeError);
    assertThrows(() => pool.starmap(value as never, []), TypeError);
  }
});

testEach(ALL, "submit() passes a task its context", async ({ open }) => {
  const pool = open({ maxWorkers: 1, name: "looms" });
  const { attempt, workerId, executor, aborted } = await pool.submit(tasks.context);
  assertEquals({ attempt, executor, aborted }, { attempt: 1, executor: "looms", aborted: false });
  assertEquals(await pool.submit(tasks.workerId), workerId);
  assert(await pool.submit(tasks.contextLater));
  assertEquals(current(), undefined);
});

testEach(WORKERS, "submit() starts workers on demand and reuses idle ones", async ({ open }) => {
  const pool = open({ maxWorkers: 2 });
  assertEquals(pool.stats().workers, { idle: 0, busy: 0, starting: 0 });
  const first = await pool.submit(tasks.place);
  for (let i = 0; i < 5; i++) assertEquals(await pool.submit(tasks.place), first);
  const { idle, busy, starting } = pool.stats().workers;
  assertEquals(idle + busy + starting, 1);
});
