import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { Queue } from "../../src/queue/queue.ts";

test("Queue.put() drops the oldest item if it may, which counts as done", async () => {
  const dropped: number[] = [];
  const queue = new Queue<number>(2, { overflow: "drop-oldest", onDrop: (item) => dropped.push(item) });
  for (const n of [1, 2, 3]) await queue.put(n);
  assertEquals(queue.tryPut(4), true);
  assertEquals([dropped, queue.size, queue.unfinished], [[1, 2], 2, 2]);
  assertEquals([await queue.get(), queue.tryGet()], [3, 4]);
  queue.taskDone();
  queue.taskDone();
  await queue.join({ timeout: 0 });
});

test("Queue() refuses options that it does not know", () => {
  assertThrows(() => new Queue(1, { overflow: "drop" as never }), TypeError, "drop-oldest");
  assertThrows(() => new Queue(1, { onDrop: 1 as never }), TypeError, "onDrop");
  assertThrows(() => new Queue(1, { onDropped: () => {} } as never), TypeError, "onDrop");
});
