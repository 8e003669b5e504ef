// Tests the views of an executor, whose options apply to everything submitted through them.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { readFileSync } from "node:fs";
import { tasksFrom, TimeoutError } from "../../mod.ts";
import { linger } from "../fixtures/abort_tasks.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, countsOf, INLINE, testEach, WORKERS } from "../support/executors.ts";
import { countingSignal } from "../support/signals.ts";
import { until, untilStarted, within } from "../support/poll.ts";
import { LONG, SHORT } from "../support/timing.ts";

testEach(ALL, "with() returns a view of the same pool", async ({ open }) => {
  const pool = open({ maxWorkers: 2 });
  const view = pool.with({ priority: 1 });
  await until("it knows its workers", () => pool.maxWorkers === 2);
  assertEquals(view.maxWorkers, 2);
  assertEquals(await view.submit(tasks.add, 1, 2), 3);
  assertEquals(await view.map(tasks.double, [1, 2]), [2, 4]);
  assertEquals(await view.starmap(tasks.add, [[1, 2], [3, 4]]), [3, 7]);
  assertEquals(pool.stats().completed, view.stats().completed);
  await view.shutdown();
  assertThrows(() => pool.submit(tasks.double, 1));
});

testEach(ALL, "with() drops waiting tasks when its signal is aborted", async ({ shared, gate }) => {
  const pool = shared();
  const { path, open: openGate } = gate();
  const running = pool.submit(tasks.waitForFile, path, "ran");
  const controller = new AbortController();
  const view = pool.with({ signal: controller.signal });
  const futures = [1, 2, 3].map((n) => view.submit(tasks.double, n));
  const outside = pool.submit(tasks.double, 4);
  await untilStarted(running);
  const reason = new Error("all of you");
  controller.abort(reason);
  for (const future of futures) assertStrictEquals(future.exceptionNow(), reason);
  openGate();
  assertEquals(await running, "ran");
  assertEquals(await outside, 8);
});

testEach(ALL, "with() fires the signal of running tasks when its signal is aborted", async ({ shared }) => {
  const pool = shared();
  const controller = new AbortController();
  const future = pool.with({ signal: controller.signal }).submit(tasks.hearAndReturn);
  await untilStarted(future);
  controller.abort();
  assertStrictEquals(await future.exception(), controller.signal.reason);
  // If the task ignored its signal, it would occupy the only worker until its grace ends.
  assertEquals(await within("the next task", pool.submit(tasks.double, 1)), 2);
});

testEach(ALL, "with() runs no task if its signal is already aborted", async ({ shared }) => {
  const pool = shared();
  const reason = { not: "an error" };
  const future = pool.with({ signal: AbortSignal.abort(reason) }).submit(tasks.double, 1);
  assert(future.done);
  assertStrictEquals(await future.exception(), reason);
  assertEquals(await pool.submit(tasks.double, 1), 2);
});

testEach(ALL, "with() leaves no listener on its signal", async ({ shared }) => {
  const pool = shared();
  const { signal, listeners } = countingSignal();
  const view = pool.with({ signal });
  await view.submit(tasks.double, 1);
  await Promise.all([1, 2, 3].map((n) => view.submit(tasks.double, n)));
  await view.submit(tasks.double, 1).result({ signal, timeout: LONG });
  await view.map(tasks.double, [1, 2, 3], { signal });
  assertEquals(listeners(), 0);
});

testEach(ALL, "with() stops a task that runs longer than its timeout", async ({ shared }) => {
  const pool = shared();
  const future = pool.with({ timeout: SHORT, grace: SHORT }).submit(tasks.neverEnd);
  const error = await within("the time limit", future.exception());
  assertInstanceOf(error, TimeoutError);
  assertEquals(error.name, "TimeoutError");
  assert(error.message.includes(`${SHORT} ms`), error.message);
  assertEquals(await within("the next task", pool.submit(tasks.double, 1)), 2);
});

testEach(ALL, "with() keeps the worker of a task that reacts to its timeout within the grace", async ({ shared }) => {
  const pool = shared();
  const counts = countsOf(pool);
  // The first task of a worker starts only when its module is loaded: load it before the test.
  await pool.submit(tasks.double, 1);
  for (const task of [tasks.hearAndReturn, tasks.hearAndThrow]) {
    assertInstanceOf(await pool.with({ timeout: SHORT }).submit<[], unknown>(task).exception(), TimeoutError);
    assertEquals(await within("the next task", pool.submit(tasks.double, 1)), 2);
  }
  assertEquals(counts().restarts, 0);
});

testEach(ALL, "with() shows the TimeoutError to the task", async ({ shared, gate, file }) => {
  const pool = shared();
  const { path, open: openGate } = gate();
  openGate();
  // The first task of a worker starts only when its module is loaded: load it before the test.
  await pool.submit(tasks.double, 1);
  await pool.with({ timeout: SHORT }).submit(linger, file("log"), path).exception();
  await pool.submit(tasks.double, 1);
  assertStringIncludes(readFileSync(file("log"), "utf8"), "heard TimeoutError: ");
});

testEach(ALL, "with() counts the timeout from the start of the task", async ({ shared, gate }) => {
  const pool = shared();
  const { path, open: openGate } = gate();
  const running = pool.submit(tasks.waitForFile, path);
  const waiting = pool.with({ timeout: SHORT }).submit(tasks.double, 1);
  await untilStarted(running);
  // Longer than the timeout of the waiting task.
  await pool.submit(tasks.double, 1).result({ timeout: 4 * SHORT }).catch(() => {});
  assertFalse(waiting.done);
  openGate();
  assertEquals(await waiting, 2);
});

testEach(ALL, "with() does not count the load time of a module", async ({ shared }) => {
  const pool = shared();
  await pool.submit(tasks.double, 1);
  const { answer } = tasksFrom<typeof import("../fixtures/slow_module.ts")>(
    new URL(`../fixtures/slow_module.ts?${crypto.randomUUID()}`, import.meta.url),
  );
  const future = pool.with({ timeout: 2 * SHORT }).submit(answer);
  assertEquals(await future, 42);
});

testEach(WORKERS, "with() counts the timeout from the start of a task that loads its module", async ({ shared }) => {
  const pool = shared();
  const { forever } = tasksFrom<typeof import("../fixtures/slow_module.ts")>(
    new URL("../fixtures/slow_module.ts", import.meta.url),
  );
  const stuck = pool.with({ timeout: SHORT, grace: 0 }).submit(forever);
  assertInstanceOf(await stuck.exception({ timeout: LONG }), TimeoutError);
});

testEach(WORKERS, "with() stops waiting for a module after startTimeout", async ({ open }) => {
  const pool = open({ maxWorkers: 1, startTimeout: 40 * SHORT, grace: 0 });
  const { late } = tasksFrom<{ late(): void }>(new URL("../fixtures/endless_module.ts", import.meta.url));
  const error = await pool.with({ timeout: SHORT }).submit(late).exception({ timeout: LONG });
  assertInstanceOf(error, TimeoutError);
  assertStringIncludes(error.message, "did not load");
});

testEach(WORKERS, "waits for a module no longer than startTimeout, then runs other tasks", async ({ open }) => {
  const pool = open({ maxWorkers: 1, startTimeout: 40 * SHORT });
  const { late } = tasksFrom<{ late(): void }>(new URL("../fixtures/endless_module.ts", import.meta.url));
  const [stuck, next] = [pool.submit(late), pool.submit(tasks.double, 1)];
  const error = await stuck.exception({ timeout: LONG });
  assertInstanceOf(error, TimeoutError);
  assertStringIncludes(error.message, "endless_module");
  assertStringIncludes(error.message, "did not load");
  assertEquals([await within("the next task", next), pool.stats().restarts], [2, 0]);
  await within("the end", pool.shutdown());
});

testEach(
  [INLINE],
  "waits for a module no longer than startTimeout, and runs its tasks once it is loaded",
  async ({ open }) => {
    const pool = open({ maxWorkers: 1, startTimeout: SHORT });
    const { late } = tasksFrom<{ late(): number }>(new URL("../fixtures/told_module.ts", import.meta.url));
    const [stuck, next] = [pool.submit(late), pool.submit(tasks.double, 1)];
    assertInstanceOf(await stuck.exception(), TimeoutError);
    assertEquals(await next, 2);
    (globalThis as { loadToldModule?: () => void }).loadToldModule!();
    assertEquals(await pool.submit(late), 1);
  },
);

testEach(ALL, "with() applies the timeout to each task separately", async ({ shared }) => {
  const pool = shared();
  const view = pool.with({ timeout: LONG });
  assertEquals(await Promise.all(Array.from({ length: 50 }, (_, n) => view.submit(tasks.double, n))), [
    ...Array.from({ length: 50 }, (_, n) => 2 * n),
  ]);
});

testEach(WORKERS, "with() uses its own grace instead of the pool's", async ({ shared }) => {
  const pool = shared();
  const future = pool.with({ grace: SHORT }).submit(tasks.neverEnd);
  await untilStarted(future);
  future.abort(new Error("now"));
  assertEquals((await within("the grace of the view", future.exception()) as Error).message, "now");
});

testEach(ALL, "with() runs higher priorities sooner, and equal ones in order", async ({ shared, gate }) => {
  const pool = shared();
  const { path, open: openGate } = gate();
  const first = pool.submit(tasks.waitForFile, path);
  await untilStarted(first);
  const order: string[] = [];
  const futures = [["low", -1], ["a", 0], ["high", 10], ["b", 0], ["higher", 10.5], ["c", undefined]].map(
    ([label, priority]) => {
      const future = pool.with({ priority: priority as number | undefined }).submit(tasks.echo, label);
      future.addDoneCallback(() => order.push(label as string));
      return future;
    },
  );
  openGate();
  await Promise.all(futures);
  assertEquals(order, ["higher", "high", "a", "b", "c", "low"]);
});

testEach(ALL, "with() adds to the options of the view it is called on", async ({ shared, gate }) => {
  const pool = shared();
  const controller = new AbortController();
  const { path, open: openGate } = gate();
  const first = pool.submit(tasks.waitForFile, path);
  await untilStarted(first);
  const order: string[] = [];
  const view = pool.with({ signal: controller.signal }).with({ priority: 5 });
  const low = pool.submit(tasks.echo, "low");
  const high = view.submit(tasks.echo, "high");
  const dropped = view.with({ priority: 1 }).submit(tasks.echo, "dropped");
  for (const future of [low, high]) future.addDoneCallback(() => order.push(future.resultNow() as string));
  openGate();
  await Promise.all([low, high, dropped]);
  assertEquals(order, ["high", "low"]);
  controller.abort(new Error("stop"));
  assertEquals((await view.submit(tasks.double, 1).exception() as Error).message, "stop");
});

testEach(ALL, "with() rejects options of the wrong kind", ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  for (const timeout of [-1, NaN]) assertThrows(() => pool.with({ timeout }), RangeError);
  for (const grace of [-1, NaN]) assertThrows(() => pool.with({ grace }), RangeError);
  for (
    const options of [
      { timeout: "1" },
      { grace: true },
      { signal: {} },
      { priority: "high" },
      { priority: NaN },
      null,
      1,
    ]
  ) {
    assertThrows(() => pool.with(options as never), TypeError);
  }
});
