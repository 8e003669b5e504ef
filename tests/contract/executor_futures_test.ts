// Tests the futures of executors: waiting, callbacks, progress and unobserved failures.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import process from "node:process";
import { type Future, TimeoutError } from "../../mod.ts";
import { throwNow } from "../fixtures/failing_tasks.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, testEach } from "../support/executors.ts";
import { until, untilStarted } from "../support/poll.ts";
import { countingSignal } from "../support/signals.ts";
import { LONG, SHORT } from "../support/timing.ts";

testEach(ALL, "result() waits no longer than its timeout, and the task goes on", async ({ shared, gate }) => {
  const { path, open: openGate } = gate();
  const future = shared().submit(tasks.waitForFile, path, "ran");
  await assertRejects(() => future.result({ timeout: SHORT }), TimeoutError);
  await assertRejects(() => future.result({ timeout: 0 }), TimeoutError);
  await assertRejects(() => future.exception({ timeout: 0 }), TimeoutError);
  openGate();
  assertEquals(await future.result({ timeout: LONG }), "ran");
  assertEquals(await future.result({ timeout: 0 }), "ran");
  assertEquals(await future.exception({ timeout: 0 }), undefined);
});

testEach(ALL, "result() rejects with the reason of its signal, and the task goes on", async ({ shared, gate }) => {
  const { path, open: openGate } = gate();
  const future = shared().submit(tasks.waitForFile, path, "ran");
  const { controller, signal, listeners } = countingSignal();
  const reason = new Error("waited enough");
  const waits = [future.result({ signal }), future.exception({ signal })];
  assertEquals(listeners(), 2);
  controller.abort(reason);
  for (const wait of waits) assertStrictEquals(await wait.then(() => undefined, (error) => error), reason);
  assertStrictEquals(await future.result({ signal }).catch((error) => error), reason);
  openGate();
  assertEquals(await future, "ran");
});

testEach(ALL, "result() removes its listener from the signal", async ({ shared }) => {
  const { signal, listeners } = countingSignal();
  const pool = shared();
  await pool.submit(tasks.double, 1).result({ signal, timeout: LONG });
  await pool.submit(throwNow, "Error").exception({ signal });
  assertEquals(listeners(), 0);
});

testEach(ALL, "result() and exception() reject invalid options", async ({ shared }) => {
  const future = shared().submit(tasks.double, 1);
  for (const timeout of [-1, NaN]) {
    await assertRejects(() => future.result({ timeout }), RangeError);
    await assertRejects(() => future.exception({ timeout }), RangeError);
  }
  await assertRejects(() => future.result({ signal: {} as never }), TypeError);
  await assertRejects(() => future.result(5 as never), TypeError);
  assertEquals(await future, 2);
});

testEach(ALL, "addDoneCallback() calls each callback once, in order, with the future", async ({ shared }) => {
  const pool = shared();
  const calls: [string, Future<unknown>][] = [];
  const futures = [pool.submit(tasks.double, 1), pool.submit(throwNow, "Error")];
  for (const future of futures) {
    for (const label of ["a", "b"]) future.addDoneCallback((given) => calls.push([label, given]));
    await future.exception();
    future.addDoneCallback((given) => calls.push(["late", given]));
  }
  assertEquals(calls.map(([label]) => label), ["a", "b", "late", "a", "b", "late"]);
  for (const [i, [, given]] of calls.entries()) assertStrictEquals(given, futures[i < 3 ? 0 : 1]);
});

testEach(ALL, "addDoneCallback() calls the callback for a cancelled future", async ({ shared, gate }) => {
  const pool = shared();
  await untilStarted(pool.submit(tasks.waitForFile, gate().path));
  const future = pool.submit(tasks.double, 1);
  let seen: boolean | undefined;
  future.addDoneCallback(({ cancelled }) => seen = cancelled);
  future.cancel();
  assertEquals(seen, true);
});

testEach(ALL, "addDoneCallback() calls the remaining callbacks if one throws", async ({ shared }) => {
  const printed = silenced();
  try {
    const pool = shared();
    const future = pool.submit(tasks.double, 1);
    let called = 0;
    future.addDoneCallback(() => {
      throw new Error("from a callback");
    });
    future.addDoneCallback(() => Promise.reject(new Error("from an async callback")) as never);
    future.addDoneCallback(() => {
      throw undefined;
    });
    future.addDoneCallback(() => void called++);
    assertEquals(await future, 2);
    assertEquals(called, 1);
    assertEquals(await pool.submit(tasks.double, 2), 4);
    await until("all three errors are reported", () => printed.lines.length === 3);
  } finally {
    printed.restore();
  }
});

testEach(ALL, "addDoneCallback() and onProgress() reject values that are not functions", ({ shared }) => {
  const future = shared().submit(tasks.double, 1);
  assertThrows(() => future.addDoneCallback(1 as never), TypeError);
  assertThrows(() => future.onProgress({} as never), TypeError);
});

testEach(ALL, "onProgress() delivers a task's reports in order and before the result", async ({ shared }) => {
  const future = shared().submit(tasks.report, 5);
  const seen: unknown[] = [];
  future.onProgress((value) => seen.push(value));
  future.onProgress(() => {
    assertFalse(future.done);
  });
  assertEquals(await future, "reported");
  assertEquals(seen, [0, 1, 2, 3, 4].map((step) => ({ step })));
});

testEach(ALL, "onProgress() delivers reports while the task runs", async ({ shared, gate }) => {
  const { path, open: openGate } = gate();
  const future = shared().submit(tasks.waitForFile, path, "ran");
  let seen: unknown;
  future.onProgress((value) => seen = value);
  await until("progress arrives", () => seen !== undefined);
  assertEquals(seen, "started");
  assertFalse(future.done);
  openGate();
  await future;
});

testEach(ALL, "never raises an unhandled rejection for an unobserved failure", async ({ open }) => {
  const raised: unknown[] = [];
  const listener = (error: unknown) => raised.push(error);
  process.on("unhandledRejection", listener);
  try {
    const pool = open({ maxWorkers: 1 });
    const events: string[] = [];
    pool.addEventListener("unobserved", (event) => events.push((event.error as Error)?.name));
    const failed = pool.submit(throwNow, "TypeError");
    const refused = pool.submit(tasks.echo, () => {});
    await pool.submit(tasks.double, 1);
    await until("both are announced", () => events.length === 2);
    assertEquals(events.sort(), ["DataCloneError", "TypeError"]);
    assertEquals(pool.stats().unobserved, 2);
    assertInstanceOf(await failed.exception(), TypeError);
    assertEquals(pool.stats().unobserved, 1);
    await assertRejects(() => refused);
    assertEquals(pool.stats().unobserved, 0);
    assertEquals(raised, []);
  } finally {
    process.off("unhandledRejection", listener);
  }
});

testEach(ALL, "never raises an unhandled rejection for a failure observed only by exception()", async ({ shared }) => {
  const raised: unknown[] = [];
  const listener = (error: unknown) => raised.push(error);
  process.on("unhandledRejection", listener);
  try {
    const pool = shared();
    const future = pool.submit(throwNow, "TypeError");
    await future.exception();
    future.addDoneCallback(() => {});
    const dropped = pool.submit(tasks.double, 1);
    dropped.abort();
    await pool.submit(tasks.double, 1);
    assertEquals(raised, []);
  } finally {
    process.off("unhandledRejection", listener);
  }
});

testEach(ALL, "returns futures that work as promises", async ({ shared }) => {
  const pool = shared();
  const future = pool.submit(tasks.double, 1);
  let cleaned = 0;
  assertEquals(await future.then((value) => value + 1), 3);
  assertEquals(await future.finally(() => void cleaned++), 2);
  assertEquals(await future.catch(() => "never"), 2);
  assertEquals(await Promise.all([future, pool.submit(tasks.double, 2)]), [2, 4]);
  assertEquals(await Promise.race([pool.submit(tasks.double, 3)]), 6);
  assertEquals(cleaned, 1);
  assertEquals(Object.prototype.toString.call(future), "[object Future]");
  assert(future.done);
});

/** Captures calls of `console.error`, so that they do not appear in the output of the test. */
function silenced(): { lines: unknown[]; restore: () => void } {
  const lines: unknown[] = [];
  const before = console.error;
  console.error = (...args: unknown[]) => void lines.push(args);
  return { lines, restore: () => console.error = before };
}
