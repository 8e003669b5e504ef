import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import * as root from "../../mod.ts";
import { QueueShutDownError } from "../../src/core/errors.ts";
import { Queue } from "../../src/queue/queue.ts";

test("Queue.get() returns references, not copies", async () => {
  const queue = new Queue<object>();
  const item = { self: undefined as unknown };
  item.self = item;
  await queue.put(item);
  assertStrictEquals(await queue.get(), item);
});

test("Queue.get() resolves an item that is a promise, served at once or after a wait", async () => {
  const queue = new Queue<unknown>();
  const failure = new Error("no");
  for (const early of [true, false]) {
    const waits = early ? [queue.get(), queue.get()] : [];
    const failing = Promise.reject(failure);
    await queue.put(Promise.resolve(1));
    await queue.put(failing);
    const [one, two] = early ? waits : [queue.get(), queue.get()];
    assertEquals(await one, 1);
    assertStrictEquals(await assertRejects(() => two!), failure);
  }
  const boxed = Promise.resolve(2);
  await queue.put({ boxed });
  assertEquals(await queue.get(), { boxed });
});

test("Queue[Symbol.asyncIterator]() ends only at the shutdown of its own queue", async () => {
  const queue = new Queue<unknown>();
  const failure = new QueueShutDownError("of another queue");
  await queue.put(Promise.reject(failure));
  const thrown = await assertRejects(async () => {
    for await (const _ of queue) assert(false);
  }, QueueShutDownError);
  assertStrictEquals(thrown, failure);
});

test("Queue and its errors are exported by the root module", () => {
  for (const name of ["Queue", "LifoQueue", "PriorityQueue", "SimpleQueue"]) assert(name in root, name);
  for (const name of ["QueueEmptyError", "QueueFullError", "QueueShutDownError"]) assert(name in root, name);
});
