// Tests reentrant locks in tasks of one loop or several: each task is a separate owner.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import {
  inline,
  InlineExecutor,
  InvalidStateError,
  Manager,
  ProcessPoolExecutor,
  RLock,
  SharedValue,
} from "../../mod.ts";
import * as tasks from "../fixtures/rlock_tasks.ts";
import { INLINE, testEach, THREADS } from "../support/executors.ts";
import { within } from "../support/poll.ts";
import { SLOW_TEST_LIMIT as timeout } from "../support/timing.ts";

const COUNT = 40;

for (const how of ["acquire", "run"] as const) {
  testEach([INLINE, THREADS], `shares an RLock: ${how}() lets one task in at a time`, async ({ open, kind }) => {
    const pool = open(kind === INLINE ? { maxWorkers: 8 } : { maxWorkers: 2, concurrency: 4 });
    const [lock, total] = [new RLock(), new SharedValue("int32", 0)];
    const futures = Array.from({ length: COUNT }, () => pool.submit(tasks.addOwning, lock, total, how));
    await within("the tasks", Promise.all(futures));
    assertEquals([total.value, lock.locked], [COUNT, false]);
  });
}

test("RLock.acquire() lets one task in at a time, even within a process", { timeout }, async () => {
  const [pool, manager] = [new ProcessPoolExecutor({ maxWorkers: 2, concurrency: 4 }), new Manager()];
  try {
    const [lock, totals] = [new RLock(), manager.map<string, number>()];
    const futures = Array.from({ length: COUNT }, () => pool.submit(tasks.addOwningManaged, lock, totals));
    await within("the tasks", Promise.all(futures));
    assertEquals([await totals.get("total"), lock.locked], [COUNT, false]);
  } finally {
    await pool.shutdown();
    await manager[Symbol.asyncDispose]();
  }
});

test("RLock is not owned by a task that was submitted within its owner's run()", async () => {
  const [pool, lock] = [new InlineExecutor(), new RLock()];
  const entered: string[] = [];
  let inner!: Promise<number>;
  await lock.run(async () => {
    inner = pool.submit(inline(() => 0)).result();
    const future = pool.submit(tasks.addOwning, lock, new SharedValue("int32", 0), "acquire");
    future.addDoneCallback(() => entered.push("task"));
    await inner;
    entered.push("owner");
    inner = future.result() as Promise<unknown> as Promise<number>;
  });
  await within("the task", inner);
  assertEquals([entered, lock.locked], [["owner", "task"], false]);
});

test("RLock.release() by another task throws InvalidStateError, and tryAcquire() returns undefined", async () => {
  const [pool, lock] = [new InlineExecutor(), new RLock()];
  const permit = await lock.acquire();
  await pool.submit(tasks.refusesOwner, lock);
  permit.release();
  assertEquals(lock.locked, false);
  assertThrows(() => lock.release(), InvalidStateError);
});
