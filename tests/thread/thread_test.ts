// Tests the common behaviour of threads and processes: start, result and end.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { readFileSync } from "node:fs";
import { CancelledError, InvalidStateError, WorkerLostError } from "../../mod.ts";
import { linger } from "../fixtures/abort_tasks.ts";
import { exit, throwAfterwards } from "../fixtures/fault_tasks.ts";
import { throwNow } from "../fixtures/failing_tasks.ts";
import { add, addLater, echo, neverEnd, QuotaError, report, waitForFile } from "../fixtures/tasks.ts";
import { untilStarted, within } from "../support/poll.ts";
import { SHORT } from "../support/timing.ts";
import { testBoth } from "./kinds.ts";

testBoth("start() runs the task and gives its result", async ({ make }) => {
  const singleWorker = make(add, [2, 3]);
  assertStrictEquals(singleWorker.start(), singleWorker);
  assertEquals(await singleWorker.result, 5);
  await singleWorker.join();
  assertEquals(await make(addLater, [2, 3]).start().result, 5);
});

testBoth("start() copies the arguments when it is called", async ({ make }) => {
  const list = [1];
  const singleWorker = make(echo, [list]);
  list.push(2);
  singleWorker.start();
  list.push(3);
  assertEquals(await singleWorker.result, [1, 2]);
});

testBoth(
  "has neither ident nor life before start(), and keeps its ident after the end",
  async ({ make, kind, gate }) => {
    const { path, open } = gate();
    const singleWorker = make(waitForFile, [path, 7]);
    assertEquals([singleWorker.alive, singleWorker.ident, singleWorker.result.done, singleWorker.result.running], [
      false,
      undefined,
      false,
      false,
    ]);
    singleWorker.start();
    const { ident } = singleWorker;
    assertEquals([singleWorker.alive, typeof ident], [true, "number"]);
    if (kind.name === "Thread") assertNotEquals(ident, 1);
    await untilStarted(singleWorker.result);
    assert(singleWorker.result.running);
    open();
    assertEquals(await singleWorker.result, 7);
    await singleWorker.join();
    assertEquals([singleWorker.alive, singleWorker.ident], [false, ident]);
  },
);

testBoth("has a numbered name by default", ({ make, kind }) => {
  const pattern = new RegExp(`^${kind.name}-\\d+$`);
  const [first, second] = [make(add, [1, 2]), make(add, [1, 2])];
  assertMatch(first.name, pattern);
  assertEquals(Number(second.name.split("-")[1]), Number(first.name.split("-")[1]) + 1);
  assertEquals(make(add, [1, 2], { name: "worker bee" }).name, "worker bee");
});

testBoth("is no daemon by default", ({ make }) => {
  assertEquals([make(add, [1, 2]).daemon, make(add, [1, 2], { daemon: true }).daemon], [false, true]);
});

testBoth("rejects invalid arguments of its constructor", ({ make, kind }) => {
  const wrong = (...args: unknown[]) => () => (make as (...args: unknown[]) => unknown)(...args);
  const submit = assertThrows(wrong((n: number) => n), TypeError);
  assertStringIncludes(submit.message, "not a task");
  const start = `Cannot make a ${kind.name} as`;
  for (
    const [args, message] of [
      [[add, "no list"], `${start} 'args' must be an array: current value is "no list"`],
      [[add, [], { name: 5 }], `${start} 'name' must be a string: current value is 5`],
      [[add, [], { daemon: "yes" }], `${start} 'daemon' must be a boolean: current value is "yes"`],
    ] as [unknown[], string][]
  ) {
    assertEquals(assertThrows(wrong(...args), TypeError).message, message);
  }
  assertThrows(wrong(add, [], null), TypeError);
});

testBoth("start() throws the second time, and disturbs nothing", async ({ make }) => {
  const singleWorker = make(add, [2, 3]).start();
  assertThrows(() => singleWorker.start(), InvalidStateError, "started before");
  assertEquals(await singleWorker.result, 5);
  await singleWorker.join();
  assertThrows(() => singleWorker.start(), InvalidStateError, "started before");
});

testBoth("result brings errors whole", async ({ make }) => {
  const singleWorker = make(throwNow, ["cause"]).start();
  const error = await assertRejects(() => singleWorker.result, TypeError, "top");
  assertInstanceOf((error.cause as Error).cause, RangeError);
  assertStringIncludes(error.stack!, "failing_tasks.ts");
  assertStringIncludes(error.stack!, "thread_test.ts");
  assertInstanceOf(await make(throwNow, ["registered"]).start().result.exception(), QuotaError);
  assertEquals(
    await make(throwNow, ["undefined"]).start().result.then(() => "fulfilled", (thrown) => thrown),
    undefined,
  );
});

testBoth("result of a failed task that is not observed does not crash the program", async ({ make }) => {
  const singleWorker = make(throwNow, ["cause"]).start();
  await singleWorker.join();
  assert(singleWorker.result.done);
});

testBoth("result passes progress on", async ({ make }) => {
  const singleWorker = make(report, [2]);
  const seen: unknown[] = [];
  singleWorker.result.onProgress((value) => seen.push(value));
  assertEquals(await singleWorker.start().result, "reported");
  assertEquals(seen, [{ step: 0 }, { step: 1 }]);
});

testBoth("start() lets arguments that cannot travel reject the result", async ({ make }) => {
  const singleWorker = make(echo, [{ fn: () => {} }]).start();
  const error = await singleWorker.result.exception() as DOMException;
  assertEquals([error.name, error.message], ["DataCloneError", "Cannot send args[0].fn: a function cannot travel"]);
  await singleWorker.join();
  assertEquals(singleWorker.alive, false);
});

testBoth("result can be cancelled before the start, which then throws", async ({ make }) => {
  const singleWorker = make(add, [2, 3]);
  assert(singleWorker.result.cancel());
  await assertRejects(() => singleWorker.result, CancelledError);
  assertThrows(() => singleWorker.start(), InvalidStateError, "cancelled");
  await assertRejects(() => singleWorker.join(), InvalidStateError);
});

testBoth("result.abort() rejects at once, and join() waits until the task has ended", async ({ make, gate, file }) => {
  const { path, open } = gate();
  const singleWorker = make(linger, [file("log"), path]).start();
  await untilStarted(singleWorker.result);
  open();
  singleWorker.result.abort();
  assertEquals((singleWorker.result.exceptionNow() as DOMException).name, "AbortError");
  assertEquals(singleWorker.alive, true);
  await singleWorker.join();
  assertEquals(readFileSync(file("log"), "utf8").split("\n").map((line) => line.split(" ")[0]), [
    "start",
    "heard",
    "end",
    "",
  ]);
});

testBoth("result.abort() drops a task that has not started, and its worker with it", async ({ make }) => {
  const singleWorker = make(neverEnd).start();
  const reason = new Error("changed my mind");
  singleWorker.result.abort(reason);
  assertStrictEquals(await singleWorker.result.exception(), reason);
  await singleWorker.join();
  assertEquals(singleWorker.alive, false);
});

testBoth("join() waits for the end of the worker, again and for many", async ({ make }) => {
  const singleWorker = make(add, [2, 3]).start();
  await Promise.all([singleWorker.join(), singleWorker.join(), singleWorker.join({ timeout: Infinity })]);
  assertEquals([singleWorker.alive, singleWorker.result.resultNow()], [false, 5]);
  await singleWorker.join();
  await singleWorker.join({ timeout: 0 });
});

testBoth("join() does not reject with the error of the task", async ({ make }) => {
  const singleWorker = make(throwNow, ["cause"]).start();
  assertEquals(await singleWorker.join(), undefined);
});

testBoth("join() before start() rejects", async ({ make }) => {
  const singleWorker = make(add, [2, 3]);
  await assertRejects(() => singleWorker.join(), InvalidStateError, "before it was started");
  assertEquals(await singleWorker.start().result, 5);
});

testBoth("join() ends at its limits, and the task goes on", async ({ make, gate }) => {
  const { path, open } = gate();
  const singleWorker = make(waitForFile, [path, 7]).start();
  const timedOut = { name: "TimeoutError", message: `Cannot join ${singleWorker.name} within 0 ms` };
  const error = await singleWorker.join({ timeout: 0 }).then(() => undefined, (error) => error);
  assertEquals([error.name, error.message], [timedOut.name, timedOut.message]);
  await assertRejects(() => singleWorker.join({ timeout: SHORT }), Error, `within ${SHORT} ms`);
  const controller = new AbortController();
  const joining = singleWorker.join({ signal: controller.signal });
  const reason = new Error("enough");
  controller.abort(reason);
  assertStrictEquals(await joining.catch((error) => error), reason);
  assertStrictEquals(await singleWorker.join({ signal: controller.signal }).catch((error) => error), reason);
  for (const options of [{ timeout: -1 }, { timeout: NaN }]) {
    await assertRejects(() => singleWorker.join(options), RangeError);
  }
  await assertRejects(() => singleWorker.join({ signal: 5 as never }), TypeError);
  open();
  await singleWorker.join();
  assertEquals(singleWorker.result.resultNow(), 7);
});

testBoth("terminate() ends a task that waits", async ({ make }) => {
  const singleWorker = make(neverEnd).start();
  await untilStarted(singleWorker.result);
  await within("its end", singleWorker.terminate());
  assertEquals(singleWorker.alive, false);
  const error = await singleWorker.result.exception();
  assertInstanceOf(error, WorkerLostError);
  assertStringIncludes(error.message, `of ${singleWorker.name} while it ran task 'neverEnd'`);
});

testBoth("terminate() ends one that has just been started", async ({ make }) => {
  const singleWorker = make(neverEnd).start();
  await within("its end", singleWorker.terminate());
  assertEquals(singleWorker.alive, false);
  assertInstanceOf(await singleWorker.result.exception(), WorkerLostError);
});

testBoth("terminate() is harmless before the start and after the end", async ({ make }) => {
  const singleWorker = make(add, [2, 3]);
  await singleWorker.terminate();
  assertEquals(await singleWorker.start().result, 5);
  await singleWorker.join();
  await singleWorker.terminate();
  assertEquals(singleWorker.result.resultNow(), 5);
});

testBoth("[Symbol.asyncDispose]() joins the started worker", async ({ make }) => {
  await make(add, [2, 3])[Symbol.asyncDispose]();
  const singleWorker = make(add, [2, 3]).start();
  await singleWorker[Symbol.asyncDispose]();
  await singleWorker[Symbol.asyncDispose]();
  assertEquals(singleWorker.alive, false);
});

testBoth("ends with the task that ends its worker", async ({ make }) => {
  const singleWorker = make(exit, [3]).start();
  const error = await singleWorker.result.exception();
  assertInstanceOf(error, WorkerLostError);
  assertEquals(error.exitCode, 3);
  await singleWorker.join();
});

testBoth("ends although its task has left something behind", async ({ make }) => {
  const singleWorker = make(throwAfterwards, [1_000_000]).start();
  assertEquals(await singleWorker.result, "returned");
  await within("its end", singleWorker.join());
});
