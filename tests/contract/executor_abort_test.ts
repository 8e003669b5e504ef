// Tests that abort and time limits reject at once, while the task keeps its worker busy until it ends or its grace is
// over.

import { existsSync, readFileSync } from "node:fs";
import { assert, assertEquals, assertFalse, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import { pipeline, TaskGroup, TimeoutError } from "../../mod.ts";
import { engineOf } from "../../src/pool/pool_base.ts";
import * as tasks from "../fixtures/abort_tasks.ts";
import { add, double, neverEnd } from "../fixtures/tasks.ts";
import { ALL, countsOf, type Stage, testEach, WORKERS } from "../support/executors.ts";
import { until, untilStarted, within } from "../support/poll.ts";
import { LONG, SHORT } from "../support/timing.ts";

/** Returns the path of a log file for tasks, and a function that reads its lines. */
function logOf(stage: Stage): { path: string; lines: () => string[] } {
  const path = stage.file("log");
  return { path, lines: () => existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [] };
}

testEach(ALL, "abort() rejects a running task at once, and its worker stays busy until it ends", async (stage) => {
  const pool = stage.shared();
  const counts = countsOf(pool);
  const { path: gate, open: openGate } = stage.gate();
  const { path, lines } = logOf(stage);
  for (const task of [tasks.linger, tasks.lingerAndThrow]) {
    const future = pool.submit<[string, string], unknown>(task, path, gate);
    await untilStarted(future);
    const reason = new Error("enough");
    future.abort(reason);
    assertStrictEquals(future.exceptionNow(), reason);
    assertFalse(future.running);
    const behind = pool.submit(tasks.note, path, "behind");
    await until("the task has heard its signal", () => lines().includes("heard Error: enough"));
    assertEquals([pool.stats().running, pool.stats().waiting, behind.done], [1, 1, false]);
    openGate();
    await within("the task behind", behind);
    // The pool drops what the task returned or threw.
    assertStrictEquals(future.exceptionNow(), reason);
  }
  assertEquals(lines().slice(0, 4), ["start", "heard Error: enough", "end", "behind"]);
  const { restarts, failed, completed } = counts();
  assertEquals([restarts, failed, completed], [0, 2, 2]);
});

testEach(ALL, "with() rejects running tasks at once when its signal is aborted", async (stage) => {
  const pool = stage.shared();
  const { path: gate, open: openGate } = stage.gate();
  const { path, lines } = logOf(stage);
  const controller = new AbortController();
  const future = pool.with({ signal: controller.signal }).submit(tasks.linger, path, gate);
  await untilStarted(future);
  controller.abort();
  assertStrictEquals(future.exceptionNow(), controller.signal.reason);
  await until("the task has heard its signal", () => lines().length === 2);
  assert(lines()[1]!.startsWith("heard AbortError"), lines()[1]);
  openGate();
  assertEquals(await within("the next task", pool.submit(double, 1)), 2);
});

testEach(ALL, "with({ timeout }) rejects at the limit, regardless of the grace", async (stage) => {
  const pool = stage.shared();
  const counts = countsOf(pool);
  const { path: gate, open: openGate } = stage.gate();
  const { path, lines } = logOf(stage);
  // The first task of a worker starts only when its module is loaded: load it before the test.
  await pool.submit(tasks.note, path, "loaded");
  await pool.submit(double, 1);
  const deaf = pool.with({ timeout: SHORT }).submit(tasks.linger, path, gate);
  assertInstanceOf(await within("the limit", deaf.exception()), TimeoutError);
  await until("the task has heard its signal", () => lines().length === 3);
  assertEquals(lines()[2], `heard TimeoutError: Cannot continue task 'linger': its time limit is ${SHORT} ms`);
  const behind = pool.submit(tasks.note, path, "behind");
  openGate();
  await within("the task behind", behind);
  assertEquals(lines().slice(3), ["end", "behind"]);
  assertEquals(counts().restarts, 0);
});

testEach(ALL, "abort() replaces the worker when the grace is over", async ({ shared }) => {
  const pool = shared();
  const counts = countsOf(pool);
  const future = pool.with({ grace: SHORT }).submit(neverEnd);
  const behind = pool.submit(double, 21);
  await untilStarted(future);
  future.abort(new Error("enough"));
  assert(future.done);
  assertFalse(behind.done);
  assertEquals(await within("the task behind", behind), 42);
  const { restarts, lost, failed } = counts();
  assertEquals([restarts, lost, failed], [1, 0, 1]);
});

testEach(ALL, "abort() gives each task on a worker its own grace", async (stage) => {
  const pool = stage.open({ maxWorkers: 1, concurrency: 2 });
  const { path: gate, open: openGate } = stage.gate();
  const { path, lines } = logOf(stage);
  const victim = pool.with({ grace: SHORT }).submit(neverEnd);
  const patient = pool.with({ grace: LONG }).submit(tasks.linger, path, gate);
  await untilStarted(victim, patient);
  victim.abort();
  patient.abort("stop");
  const behind = pool.submit(double, 1);
  // A worker that is about to be replaced takes no more tasks, so this task waits for the next worker.
  await until("the worker is to go", () => pool.stats().running === 2 && lines().length === 2);
  assertFalse(behind.done);
  openGate();
  assertEquals(await within("the next worker", behind), 2);
  assertEquals(lines(), ["start", 'heard "stop"', "end"]);
});

testEach(ALL, "shutdown() waits until no aborted task runs", async (stage) => {
  const pool = stage.open({ maxWorkers: 1, grace: LONG });
  const { path: gate, open: openGate } = stage.gate();
  const { path, lines } = logOf(stage);
  const future = pool.submit(tasks.linger, path, gate);
  await untilStarted(future);
  future.abort();
  let over = false;
  const closed = pool.shutdown().then(() => over = true);
  await until("the task has heard its signal", () => lines().length === 2);
  assertFalse(over);
  openGate();
  await within("the shutdown", closed);
  assertEquals(lines().at(-1), "end");
});

testEach(ALL, "TaskGroup waits until none of its tasks runs, including aborted tasks", async (stage) => {
  const pool = stage.shared({ maxWorkers: 2 });
  for (const how of ["abort", "failure", "join"] as const) {
    const { path: gate, open: openGate } = stage.gate();
    const path = stage.file(how);
    const lines = () => readFileSync(path, "utf8").trim().split("\n");
    const group = new TaskGroup(pool);
    const future = group.submit(tasks.linger, path, gate);
    await untilStarted(future);
    if (how === "failure") await group.submit(tasks.lingerAndThrow, "/no/such/folder/log", gate).exception();
    else group.abort();
    assertEquals((future.exceptionNow() as Error).name, "AbortError");
    let over = false;
    const left = (how === "join" ? group.join() : group[Symbol.asyncDispose]()).then(() => {}, () => {})
      .then(() => over = true);
    await until("the task has heard its signal", () => lines().length === 2);
    assertFalse(over);
    openGate();
    await within("the group", left);
    assertEquals(lines().at(-1), "end");
    await group[Symbol.asyncDispose]().catch(() => {});
  }
});

testEach(ALL, "pipeline() counts an aborted item against its step's limit until the task ends", async (stage) => {
  const pool = stage.shared({ maxWorkers: 2 });
  const { path: gate, open: openGate } = stage.gate();
  const { path, lines } = logOf(stage);
  const steps = pipeline(pool).step(tasks.lingerHere, { concurrency: 1 });
  const first = steps.run({ log: path, gate });
  const second = steps.run({ log: path, gate: "" });
  await untilStarted(first);
  first.abort("stop");
  assertEquals(first.exceptionNow(), "stop");
  await until("the task has heard its signal", () => lines().length === 2);
  const closed = steps[Symbol.asyncDispose]();
  openGate();
  assertEquals(await within("the second item", second), "at once");
  await within("the pipeline", closed);
  assertEquals(lines(), ["start", 'heard "stop"', "end", "at once"]);
});

testEach(ALL, "map() rejects at once when its signal is aborted, and the pool waits for its tasks", async (stage) => {
  const pool = stage.open({ maxWorkers: 1, grace: LONG });
  const { path: gate, open: openGate } = stage.gate();
  const { path, lines } = logOf(stage);
  const controller = new AbortController();
  const results = pool.starmap(tasks.linger, [[path, gate], [path, gate]], { signal: controller.signal });
  const outcome = results.then(() => "done", (error) => error);
  await until("the first runs", () => lines().length === 1);
  controller.abort("stop");
  assertEquals(await within("the abort", outcome), "stop");
  openGate();
  await within("the shutdown", pool.shutdown());
  assertEquals(lines(), ["start", 'heard "stop"', "end"]);
});

testEach(ALL, "abort() rejects an interrupted task at once", async (stage) => {
  for (const how of ["return", "throw", "abort"] as const) {
    const pool = stage.open({ maxWorkers: 1, grace: LONG });
    const { path: gate, open: openGate } = stage.gate();
    const path = stage.file(how);
    const task = how === "throw" ? tasks.lingerAndThrow : tasks.linger;
    const future = pool.submit<[string, string], unknown>(task, path, gate);
    await untilStarted(future);
    const reason = new Error("the program ends");
    const ended = engineOf(pool)!.interrupt(reason);
    await until("the task has heard its signal", () => readFileSync(path, "utf8").includes("the program ends"));
    assertFalse(future.done);
    if (how === "abort") {
      future.abort("now");
      assertEquals(future.exceptionNow(), "now");
    }
    openGate();
    await within("the shutdown", ended);
    // An interrupted task may still return a value; a task that throws is rejected with the interrupt's reason.
    if (how === "return") assertEquals(await future, "lingered");
    else assertStrictEquals(future.exceptionNow(), how === "throw" ? reason : "now");
  }
});

testEach(ALL, "with({ timeout }) applies to an interrupted task", async (stage) => {
  const pool = stage.open({ maxWorkers: 1, grace: LONG });
  const { path: gate, open: openGate } = stage.gate();
  const { path, lines } = logOf(stage);
  await pool.submit(tasks.note, path, "loaded");
  await pool.submit(double, 1);
  const future = pool.with({ timeout: 4 * SHORT }).submit(tasks.linger, path, gate);
  await until("it runs", () => lines().length === 2);
  const ended = engineOf(pool)!.interrupt(new Error("the program ends"));
  assertInstanceOf(await within("the limit", future.exception()), TimeoutError);
  openGate();
  await within("the shutdown", ended);
});

testEach(ALL, "with({ retry, timeout }) starts no attempt while the previous one runs", async (stage) => {
  const pool = stage.open({ maxWorkers: 2, concurrency: 2, grace: LONG });
  const { path: gate, open: openGate } = stage.gate();
  const { path, lines } = logOf(stage);
  await Promise.all([1, 2, 3, 4].map(() => pool.submit(tasks.note, path, "loaded")));
  const view = pool.with({ retry: { minDelay: 0, maxDelay: 0 }, timeout: SHORT });
  const future = view.submit(tasks.lingerOnce, path, gate);
  await until("the first attempt has heard its signal", () => lines().length === 6);
  assertEquals([future.done, await pool.submit(add, 1, 2)], [false, 3]);
  openGate();
  assertEquals(await within("the second attempt", future), 2);
  assertEquals(lines().slice(4).map((line) => line.split(" ")[0]), ["start", "heard", "end", "attempt"]);
  assertEquals([pool.stats().failed, pool.stats().restarts], [0, 0]);
});

testEach(WORKERS, "with({ retry, timeout }) retries after a deaf attempt's worker is gone", async (stage) => {
  const pool = stage.open({ maxWorkers: 1, concurrency: 2, grace: SHORT });
  const { path: gate, open: openGate } = stage.gate();
  const { path, lines } = logOf(stage);
  const log = stage.file("sibling");
  const sibling = pool.submit(tasks.linger, log, gate);
  await untilStarted(sibling);
  const view = pool.with({ retry: { minDelay: 0, maxDelay: 0 }, timeout: SHORT });
  const future = view.submit(tasks.deafOnce, path);
  // The worker is replaced only after the sibling has ended.
  await until("the worker takes nothing more", () => pool.stats().workers.busy === 1 && lines().length === 1);
  const outside = pool.submit(double, 4);
  assertFalse(future.done);
  sibling.abort();
  openGate();
  assertEquals(await within("the second attempt", future), 2);
  assertEquals([lines(), await outside], [["attempt 1 on 1", "attempt 2 on 2"], 8]);
});

testEach(ALL, "with({ retry, timeout }) rejects at once at the limit of the last attempt", async ({ shared }) => {
  const pool = shared();
  await pool.submit(double, 1);
  const asked: number[] = [];
  const retryIf = (error: unknown, attempt: number) => {
    assertInstanceOf(error, TimeoutError);
    asked.push(attempt);
    return false;
  };
  for (const retry of [{ maxAttempts: 1 }, { retryIf }]) {
    const future = pool.with({ retry, timeout: SHORT, grace: SHORT }).submit(neverEnd);
    assertInstanceOf(await within("the limit", future.exception()), TimeoutError);
  }
  assertEquals(asked, [1]);
});

testEach(ALL, "abort() rejects at once during the grace of a timed-out attempt", async (stage) => {
  const pool = stage.shared();
  const { path: gate, open: openGate } = stage.gate();
  const { path, lines } = logOf(stage);
  await pool.submit(tasks.note, path, "loaded");
  const view = pool.with({ retry: { minDelay: 0, maxDelay: 0 }, timeout: SHORT });
  const future = view.submit(tasks.lingerOnce, path, gate);
  await until("it has heard its signal", () => lines().length === 3);
  assertFalse(future.cancel());
  future.abort("stop");
  assertEquals(future.exceptionNow(), "stop");
  openGate();
  await within("the next task", pool.submit(double, 1));
  assertEquals(lines().at(-1), "end");
});

testEach(ALL, "shutdown() lets an attempt whose time is up be the last", async (stage) => {
  const pool = stage.open({ maxWorkers: 1, grace: LONG });
  const { path: gate, open: openGate } = stage.gate();
  const { path, lines } = logOf(stage);
  await pool.submit(tasks.note, path, "loaded");
  const view = pool.with({ retry: { minDelay: 0, maxDelay: 0 }, timeout: SHORT });
  const future = view.submit(tasks.lingerOnce, path, gate);
  await until("it has heard its signal", () => lines().length === 3);
  const closed = pool.shutdown();
  openGate();
  await assertRejects(() => future, TimeoutError);
  await within("the shutdown", closed);
  assertEquals(lines().at(-1), "end");
});
