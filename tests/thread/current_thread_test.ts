import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  activeCount,
  currentThread,
  InvalidStateError,
  mainThread,
  Thread,
  ThreadPoolExecutor,
  threads,
} from "../../mod.ts";
import { neverEnd } from "../fixtures/tasks.ts";
import { until, untilStarted } from "../support/poll.ts";
import { SLOW_TEST_LIMIT, TEST_LIMIT } from "../support/timing.ts";
import { PROCESS, testBoth } from "./kinds.ts";
import { leaveBehind, look, reachForItself } from "./tasks.ts";

const timeout = TEST_LIMIT;
const MAIN: [string, number, boolean, boolean] = ["MainThread", 1, false, true];

test("currentThread() is the main thread outside of threads", () => {
  assertStrictEquals(currentThread(), mainThread());
  assert(currentThread() instanceof Thread);
  const { name, ident, daemon, alive } = mainThread();
  assertEquals([name, ident, daemon, alive], MAIN);
});

test("currentThread() shows the same values as the thread's creator sees", { timeout }, async () => {
  for (const daemon of [false, true]) {
    const thread = new Thread(look, [], { name: "looker", daemon }).start();
    // The join keeps the program alive while a daemon runs.
    await thread.join();
    const { own, main, same, all } = thread.result.resultNow();
    assertEquals(own, ["looker", thread.ident, daemon, true]);
    assertEquals([main, same, all], [MAIN, true, ["MainThread", "looker"]]);
  }
});

test("currentThread() has the worker's name in a pool", { timeout }, async () => {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1, name: "bees" });
  const { own, main } = await pool.submit(look);
  assertEquals([own[0], own[2], own[3], main], ["bees 1", false, true, MAIN]);
  await pool.shutdown();
});

test("currentThread() is the main thread of a process", { timeout }, async () => {
  const process = PROCESS.make(look, []).start();
  const { own, all } = await process.result;
  assertEquals([own, all], [MAIN, ["MainThread"]]);
  await process.join();
});

test("currentThread() cannot be joined, terminated or started", { timeout }, async () => {
  const expected = (name: string) => [
    `InvalidStateError: Cannot join ${name} from within itself`,
    `InvalidStateError: Cannot terminate ${name} from within itself`,
    `InvalidStateError: Cannot start ${name} as it was started before`,
  ];
  assertEquals(await reachForItself(), expected("MainThread"));
  const thread = new Thread(reachForItself, [], { name: "selfish" }).start();
  assertEquals(await thread.result, expected("selfish"));
  await thread.join();
  await assertRejects(() => mainThread().join(), InvalidStateError);
  assertThrows(() => mainThread().start(), InvalidStateError);
});

test("threads() lists the live threads in the order of their start", { timeout }, async () => {
  const [first, second] = [new Thread<unknown>(neverEnd), new Thread<unknown>(neverEnd, [], { daemon: true })];
  assertEquals([threads().length, activeCount()], [1, 1]);
  second.start();
  first.start();
  assertEquals(threads().map(({ name }) => name), ["MainThread", second.name, first.name]);
  assertEquals(activeCount(), 3);
  await untilStarted(first.result, second.result);
  await second.terminate();
  assertEquals(threads().map(({ name }) => name), ["MainThread", first.name]);
  await first.terminate();
  assertEquals(activeCount(), 1);
});

testBoth("passes its daemon flag on to threads and processes that it creates", async ({ make, kind }) => {
  for (const daemon of [false, true]) {
    const singleWorker = make(leaveBehind, [kind.name, 0, kind.name === "Thread" ? new Int32Array(1) : "/dev/null"], {
      daemon,
    });
    await singleWorker.start().join();
    assertEquals(singleWorker.result.resultNow(), daemon);
  }
});

test("Thread ends after the threads it has started", { timeout: SLOW_TEST_LIMIT }, async () => {
  const mark = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Thread(leaveBehind, ["Thread", 500, mark]).start();
  await thread.result;
  assertEquals(Atomics.load(mark, 0), 0);
  await thread.join();
  assertEquals(Atomics.load(mark, 0), 1);
});

test("Thread in a pool is waited for without a limit", { timeout: SLOW_TEST_LIMIT }, async () => {
  const mark = new Int32Array(new SharedArrayBuffer(4));
  const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  // Wait longer than the time in which a worker must leave unless it reports a wait.
  await pool.submit(leaveBehind, "Thread", 2_500, mark);
  await pool.shutdown();
  assertEquals(Atomics.load(mark, 0), 1);
  await until("no thread is left", () => threads().length === 1);
});
