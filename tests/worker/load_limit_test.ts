// Tests the time limit for loading the module of a task.

import { test } from "node:test";
import { assertEquals, assertInstanceOf } from "@std/assert";
import { TimeoutError } from "../../src/core/errors.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { SHORT } from "../support/timing.ts";
import { type Answer, FakePool, outcomes } from "./fake_pool.ts";
import { Gate } from "./ready_pool.ts";

test("Runner fails a task whose module does not load in time, goes on, and never runs it", async () => {
  const gate = new Gate();
  let runs = 0;
  const late = gate.opened.then(() => ({ f: () => ++runs }));
  const pool = new FakePool({ late, m: { f: () => 1 } });
  pool.setUp({ loadLimit: SHORT }).define(1, "late", "f").define(2, "m", "f").call(1, 1).call(2, 2).send();
  // The time limit of a module does not keep the program alive.
  const release = runtime.keepAlive();
  const [, failed, next] = await pool.answered(3) as [Answer, Answer, Answer];
  release();
  assertInstanceOf(failed.value, TimeoutError);
  assertEquals(failed.value.message.slice(0, 62), "Cannot start task 'f': its module late did not load in 50 ms (");
  assertEquals([next.kind, next.id, next.value], ["DONE", 2, 1]);
  gate.open();
  pool.call(3, 1).send();
  assertEquals(outcomes(await pool.answered(4)).at(-1), ["DONE", 3, 1]);
});

test("Runner does not count time in which another task blocks the loop as load time", async () => {
  const gate = new Gate();
  const block = () => {
    const end = performance.now() + 4 * SHORT;
    while (performance.now() < end);
    setTimeout(() => gate.open());
  };
  const pool = new FakePool({ late: gate.opened.then(() => ({ f: () => 1 })), m: { block } });
  pool.setUp({ concurrency: 2, loadLimit: 2 * SHORT }).define(1, "late", "f").define(2, "m", "block");
  pool.call(1, 1).call(2, 2).send();
  assertEquals(outcomes(await pool.answered(3)).at(-1), ["DONE", 1, 1]);
});
