import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { QueueShutDownError } from "../../src/core/errors.ts";
import { SimpleQueue } from "../../src/queue/simple_queue.ts";

test("SimpleQueue.put() never waits, regardless of the number of items", () => {
  const queue = new SimpleQueue<number>();
  for (let item = 0; item < 10_000; item++) assertEquals(queue.put(item) as unknown, undefined);
  assertEquals(queue.size, 10_000);
  for (let item = 0; item < 10_000; item++) assertEquals(queue.tryGet(), item);
  assertEquals(queue.empty, true);
});

test("SimpleQueue.put() throws at once after the shutdown", () => {
  const queue = new SimpleQueue<string>();
  queue.shutdown();
  const error = assertThrows(() => queue.put("late"), QueueShutDownError, "Cannot put");
  assertEquals((error as QueueShutDownError).value, "late");
});
