import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { RejectedError } from "../../mod.ts";
import { add, waitForFile } from "../fixtures/tasks.ts";
import { ALL, testEach } from "../support/executors.ts";
import { until } from "../support/poll.ts";

testEach(ALL, '{ overflow: "drop-oldest" } drops the oldest task of the lowest priority', async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1, queueLimit: 2, overflow: "drop-oldest" });
  const held = gate();
  const running = pool.submit(waitForFile, held.path, 1);
  await until("it runs", () => pool.stats().workers.busy === 1);
  const urgent = pool.with({ priority: 1 });
  const [first, second] = [urgent.submit(add, 1, 1), pool.submit(add, 2, 2)];
  const third = pool.submit(add, 3, 3);
  assertInstanceOf(await second.exception(), RejectedError);
  const fourth = urgent.submit(add, 4, 4);
  assertInstanceOf(await third.exception(), RejectedError);
  const fifth = urgent.submit(add, 5, 5);
  assertInstanceOf(await first.exception(), RejectedError);
  await assertRejects(() => pool.submit(add, 6, 6), RejectedError);
  held.open();
  assertEquals(await Promise.all([running, fourth, fifth]), [1, 8, 10]);
});

testEach(ALL, '{ overflow: "drop-oldest" } rejects the new task if none waits', async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1, queueLimit: 0, overflow: "drop-oldest" });
  const held = gate();
  const running = pool.submit(waitForFile, held.path, 1);
  await until("it runs", () => pool.stats().workers.busy === 1);
  await assertRejects(() => pool.submit(add, 1, 1), RejectedError);
  held.open();
  assertEquals(await running, 1);
});
