// Tests the functions built on futures over every kind of executor.

import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { asCompleted, InlineExecutor, pipeline, TaskGroup, wait } from "../../mod.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, countsOf, testEach } from "../support/executors.ts";
import { untilStarted, within } from "../support/poll.ts";
import { LONG } from "../support/timing.ts";

testEach(
  ALL,
  "wait() and asCompleted() report the first task that ends, and leave the others",
  async ({ shared, gate }) => {
    const pool = shared({ maxWorkers: 2 });
    const { path, open: openGate } = gate();
    const [slow, quick] = [pool.submit(tasks.waitForFile, path, "slow"), pool.submit(tasks.double, 1)];
    const { done, notDone } = await wait([slow, quick], { returnWhen: "first-completed" });
    assertEquals([[...done], [...notDone]], [[quick], [slow]]);
    const order: unknown[] = [];
    for await (const future of asCompleted([slow, quick])) {
      order.push(await future);
      openGate();
    }
    assertEquals(order, [2, "slow"]);
  },
);

testEach(ALL, "thenSubmit() chains tasks across executors and back", async ({ shared }) => {
  const pool = shared();
  const here = new InlineExecutor();
  const chained = pool.submit(tasks.double, 5).thenSubmit(here, tasks.add, 1).thenSubmit(pool, tasks.doubleButThree);
  assertEquals(await chained, 22);
  const failing = here.submit(tasks.double, 1).thenSubmit(pool, tasks.add, 1).thenSubmit(pool, tasks.doubleButThree)
    .thenSubmit(here, tasks.double);
  await assertRejects(() => failing, RangeError, "three is refused");
  await here.shutdown();
});

testEach(ALL, "thenSubmit() resolves a chain of 500 links", async ({ shared }) => {
  const pool = shared();
  let last = pool.submit(tasks.add, 0, 0);
  for (let i = 0; i < 500; i++) last = last.thenSubmit(pool, tasks.add, 1);
  assertEquals(await within("500 links", last), 500);
});

testEach(ALL, "thenSubmit() counts an unobserved failure once, until it is observed", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const last = pool.submit(tasks.doubleButThree, 3).thenSubmit(pool, tasks.double).thenSubmit(pool, tasks.double);
  await pool.submit(tasks.double, 1);
  assertEquals(pool.stats().unobserved, 1);
  assertInstanceOf(await last.exception(), RangeError);
  assertEquals(pool.stats().unobserved, 0);
});

testEach(ALL, "abort() of a thenSubmit() reaches the task that runs", async ({ shared }) => {
  const pool = shared();
  const first = pool.submit(tasks.hearAndReturn);
  const last = first.thenSubmit(pool, tasks.echo);
  await untilStarted(first);
  const reason = new Error("stop");
  last.abort(reason);
  assertEquals([last.exceptionNow(), first.exceptionNow()], [reason, reason]);
  // The task has reacted to its signal: otherwise it would occupy the only worker until its grace ends.
  assertEquals(await within("the next task", pool.submit(tasks.double, 1)), 2);
});

testEach(ALL, "TaskGroup aborts running tasks and drops waiting ones when a task fails", async ({ shared }) => {
  const pool = shared({ maxWorkers: 2 });
  const counts = countsOf(pool);
  const group = new TaskGroup(pool);
  const running = group.submit(tasks.hearAndReturn);
  await untilStarted(running);
  const failing = group.submit(tasks.doubleButThree, 3);
  const waiting = [1, 2, 3].map((n) => group.submit(tasks.waitForFile, "never", n));
  await assertRejects(() => within("the group", group[Symbol.asyncDispose]()), RangeError, "three is refused");
  assertEquals((running.exceptionNow() as DOMException).name, "AbortError");
  assertEquals(group.errors, [failing.exceptionNow()]);
  for (const future of waiting) {
    const error = future.exceptionNow() as DOMException;
    assertEquals([error.name, error.cause], ["AbortError", failing.exceptionNow()]);
  }
  assertEquals(counts().cancelled, 3);
  assertEquals(await pool.submit(tasks.double, 1), 2);
});

testEach(ALL, "TaskGroup.abort() ends the pause of a task before its next attempt", async ({ shared }) => {
  const pool = shared();
  const trying = pool.with({ retry: { minDelay: LONG, maxDelay: LONG, jitter: 0 } });
  const group = new TaskGroup(trying);
  const paused = group.submit(tasks.doubleButThree, 3);
  await pool.submit(tasks.double, 1);
  assertEquals(paused.done, false);
  group.abort("stop");
  assertEquals([paused.exceptionNow(), pool.stats().waiting], ["stop", 0]);
});

testEach(ALL, "pipeline() sends items through tasks of its executors", async ({ open, shared }) => {
  const steps = pipeline(shared({ maxWorkers: 2 })).step(tasks.doubleButThree).catch(() => 100).step(tasks.double);
  assertEquals(await within("all items", steps.map([1, 2, 3, 4])), [4, 8, 200, 16]);
  const own = pipeline(() => open({ maxWorkers: 1 })).step(tasks.double);
  assertEquals(await own.run(4), 8);
  await own[Symbol.asyncDispose]();
});
