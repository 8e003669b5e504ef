import { test } from "node:test";
import { assertEquals, assertInstanceOf } from "@std/assert";
import { LifoQueue } from "../../src/queue/lifo_queue.ts";
import { Queue } from "../../src/queue/queue.ts";

test("LifoQueue.get() returns the newest item, also between puts", async () => {
  const queue = new LifoQueue<number>();
  assertInstanceOf(queue, Queue);
  for (const item of [1, 2]) await queue.put(item);
  assertEquals(await queue.get(), 2);
  await queue.put(3);
  assertEquals([await queue.get(), await queue.get()], [3, 1]);
});

test("LifoQueue.put() serves waiters in order of arrival", async () => {
  const queue = new LifoQueue<number>(2);
  const puts = [1, 2, 3, 4].map((item) => queue.put(item));
  assertEquals([1, 2, 3, 4].map(() => queue.tryGet()), [2, 3, 4, 1]);
  await Promise.all(puts);
});
