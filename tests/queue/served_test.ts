// Tests queues that are passed to tasks and served by the thread that made them.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import {
  AbandonedError,
  LifoQueue,
  Lock,
  PriorityQueue,
  Process,
  Queue,
  QueueEmptyError,
  SharedQueue,
  SimpleQueue,
  Thread,
} from "../../mod.ts";
import { test } from "node:test";
import * as tasks from "../fixtures/queue_tasks.ts";
import { ALL, testEach, THREADS, WORKERS } from "../support/executors.ts";
import { until, untilStarted, within } from "../support/poll.ts";

testEach(ALL, "serves a queue that was passed to a task", async ({ shared }) => {
  const queue = new Queue<unknown>(1);
  const items = [1, "two", { three: [3] }, new Map([["__proto__", 4]]), new RangeError("five"), undefined];
  const future = shared().submit(tasks.putAll, queue, items);
  const got: unknown[] = [];
  for (const _ of items) got.push(await queue.get());
  assertEquals(got, items);
  assertInstanceOf(got[4], RangeError);
  await future;
  assertEquals([queue.size, queue.unfinished], [0, items.length]);
});

testEach(ALL, "lets tasks get items, call taskDone(), and end with the queue", async ({ open }) => {
  const queue = new Queue<number>();
  const pool = open({ maxWorkers: 2 });
  const consumers = [pool.submit(tasks.consume, queue), pool.submit(tasks.consume, queue)];
  for (let n = 0; n < 100; n++) await queue.put(n);
  await queue.join();
  queue.shutdown();
  const taken = (await Promise.all(consumers)).flat();
  assertEquals(taken.sort((a, b) => a - b), Array.from({ length: 100 }, (_, n) => n));
});

testEach(ALL, "keeps the order of stacks and priority queues", async ({ shared }) => {
  assertEquals(await shared().submit(tasks.newest, new LifoQueue<number>()), [2, 1, 3]);
  assertEquals(await shared().submit(tasks.lowest, new PriorityQueue<number>()), [1, 2, 3]);
  const downwards = new PriorityQueue<number>(0, { compare: (a, b) => b - a });
  assertEquals(await shared().submit(tasks.lowest, downwards), [3, 2, 1]);
});

testEach(ALL, "serves a SimpleQueue", async ({ shared }) => {
  const queue = new SimpleQueue<number>();
  await shared().submit(tasks.putSimple, queue, 3);
  assertEquals([queue.tryGet(), queue.tryGet(), queue.tryGet(), queue.size], [0, 1, 2, 0]);
});

testEach(ALL, "returns a queue as the same object", async ({ shared }) => {
  const queue = new Queue<number>(3);
  assertStrictEquals(await shared().submit(tasks.giveBack, queue), queue);
});

testEach(ALL, "delivers the errors of a queue unchanged", async ({ shared }) => {
  const full = new Queue<unknown>(1);
  full.tryPut(1);
  const say = (what: string, queue = full) => shared().submit(tasks.failing, queue, what);
  assertEquals(await say("full"), "QueueFullError: Cannot put into a queue within 0 ms");
  assertEquals(
    await say("taskDone", new Queue()),
    "InvalidStateError: Cannot call taskDone more often than items were put",
  );
  assertEquals((await say("limits")).split(":")[0], "RangeError");
  assertEquals(await shared().submit(tasks.valueOfFailedPut, full as Queue<string>), "x");
  const shut = new Queue<unknown>();
  shut.shutdown();
  assertEquals((await say("put", shut)).split(":")[0] !== "nothing", true);
});

testEach(WORKERS, "refuses methods that only the owner has, and items that cannot be cloned", async ({ shared }) => {
  const queue = new Queue<unknown>();
  const say = (what: string) => shared().submit(tasks.failing, queue, what);
  const away = "outside the worker that owns the object: only asynchronous waits work here";
  assertEquals(await say("tryGet"), `InvalidStateError: Cannot use 'tryGet' ${away}`);
  assertEquals(await say("size"), `InvalidStateError: Cannot use 'size' ${away}`);
  assertEquals(await say("put"), "DataCloneError: Cannot send args[0]: a function cannot travel");
  await shared().submit(tasks.putAll, queue, ["next"]);
  assertEquals([queue.size, await queue.get()], [1, "next"]);
});

testEach(ALL, "takes no item for a get() that was aborted or timed out", async ({ shared }) => {
  const queue = new Queue<unknown>();
  assertEquals(await shared().submit(tasks.abortedGet, queue), "RangeError: enough");
  await assertRejects(() => shared().submit(tasks.getOne, queue, 5), QueueEmptyError);
  const future = shared().submit(tasks.getOne, queue, undefined);
  await untilStarted(future);
  future.abort(new Error("stop"));
  await assertRejects(() => future, Error, "stop");
  // The future rejects at once, but its get() may still take an item until the task ends.
  await until("the task has ended", () => shared().stats().running === 0);
  await queue.put("kept");
  assertEquals(queue.tryGet(), "kept");
});

testEach(ALL, "passes locks through a queue", async ({ shared }) => {
  const queue = new Queue<Lock>();
  const lock = new Lock();
  await queue.put(lock);
  assert(await shared().submit(tasks.useLock, queue));
  assertEquals(lock.locked, false);
});

testEach(WORKERS, "moves transferred items", async ({ shared }) => {
  const queue = new Queue<Uint8Array>();
  assertEquals(await shared().submit(tasks.moveIn, queue), 0);
  const item = await queue.get();
  assertEquals([item.length, item[99_999]], [100_000, 7]);
});

testEach(WORKERS, "makes join() report the items that a dead worker had not finished", async ({ open }) => {
  const queue = new Queue<unknown>();
  const pool = open({ maxWorkers: 1, grace: 0 });
  for (const n of [1, 2, 3]) await queue.put(n);
  const future = pool.submit(tasks.takeAndDie, queue);
  await until("one is done", () => queue.unfinished === 2);
  const joined = assertRejects(() => queue.join(), AbandonedError, "(number of lost items is 1)");
  future.abort();
  await within("the join", joined);
  assertEquals([queue.unfinished, queue.size], [1, 1]);
  await queue.get();
  queue.taskDone();
  await queue.join();
});

testEach([THREADS], "lets a task pass a queue on to its own thread", async ({ shared }) => {
  const queue = new Queue<number>();
  await shared().submit(tasks.passOn, queue);
  assertEquals([await queue.get(), await queue.get(), await queue.get()], [1, 2, 3]);
});

for (const Kind of [Queue, SharedQueue]) {
  test(`Thread that ends leaves the items of a ${Kind.name} for others to finish`, async () => {
    const queue = new Kind<unknown>();
    await queue.put("mine");
    const thread = new Thread(tasks.takeAndReturn, [queue as Queue<unknown>]).start();
    assertEquals(await thread.result, "mine");
    await thread.join();
    assertEquals(queue.unfinished, 1);
    queue.taskDone();
    await queue.join();
  });
}

for (const Kind of [Queue, SharedQueue]) {
  for (const Single of [Thread, Process]) {
    test(`${Kind.name}.join() reports how many items a ${Single.name} had when its task failed`, async () => {
      const queue = new Kind<unknown>();
      for (const n of [1, 2, 3]) await queue.put(n);
      const single = new Single(tasks.takeAndFail, [queue as Queue<unknown>, 2]).start();
      const joined = assertRejects(() => queue.join(), AbandonedError, "(number of lost items is 2)");
      assertInstanceOf(await single.result.exception(), RangeError);
      await within("the join", joined);
      await single.join();
      assertEquals([queue.unfinished, queue.size], [1, 1]);
      await queue.get();
      queue.taskDone();
      await within("the next join", queue.join());
    });
  }
}
