// Tests shared queues that are passed to processes, for which the passing process performs the operations.

import { after, test } from "node:test";
import { assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import { AbandonedError, ProcessPoolExecutor, WorkerLostError } from "../../mod.ts";
import { SharedLifoQueue } from "../../src/queue/shared/shared_lifo_queue.ts";
import { SharedPriorityQueue } from "../../src/queue/shared/shared_priority_queue.ts";
import { SharedQueue } from "../../src/queue/shared/shared_queue.ts";
import { untilStarted, within } from "../support/poll.ts";
import { SHORT, SLOW_TEST_LIMIT as timeout } from "../support/timing.ts";
import * as tasks from "./shared_tasks.ts";

const pool = new ProcessPoolExecutor({ maxWorkers: 2 });
after(() => pool.shutdown());

const KINDS = [[SharedQueue, [2, 3, 1]], [SharedLifoQueue, [1, 3, 2]], [SharedPriorityQueue, [1, 2, 3]]] as const;

for (const [Kind, order] of KINDS) {
  const { name } = Kind;

  test(`${name}: a process gets the items of another in order`, { timeout }, async () => {
    const queue = new Kind<unknown>();
    await pool.submit(tasks.putAll, queue, [2, 3, 1], "async");
    assertEquals([queue.size, queue.unfinished], [3, 3]);
    assertEquals(await pool.submit(tasks.getMany, queue, 3, "async"), [...order]);
    const joined = pool.submit(tasks.waitToJoin, queue);
    await pool.submit(tasks.finish, queue, 3);
    assertEquals([await within("the join", joined), queue.unfinished], ["joined", 0]);
  });

  test(`${name}: waits in a process keep their limits and end with the queue`, { timeout }, async () => {
    const queue = new Kind<unknown>({ maxSize: 1 });
    assertEquals(await pool.submit(tasks.waitToGet, queue, "async", SHORT), "QueueEmptyError");
    queue.putSync("one");
    assertEquals(await pool.submit(tasks.waitToPut, queue, "two", "async", SHORT), ["QueueFullError", "two"]);
    const put = pool.submit(tasks.waitToPut, queue, "two", "async");
    await untilStarted(put);
    assertEquals([await queue.get(), await within("the put", put), queue.size], ["one", "put", 1]);
    const loop = pool.submit(tasks.loop, queue);
    await pool.submit(tasks.shut, queue, false);
    assertEquals(await within("the loop", loop), ["two"]);
    assertEquals([queue.isShutDown, queue.unfinished], [true, 1]);
  });

  test(`${name}: synchronous methods throw InvalidStateError in a process`, { timeout }, async () => {
    const queue = new Kind<unknown>();
    assertEquals(new Set(await pool.submit(tasks.refusals, queue)), new Set(["InvalidStateError"]));
    assertStrictEquals(await pool.submit(tasks.giveBack, queue, { again: queue }), queue);
    assertEquals([queue.size, queue.isShutDown], [0, false]);
  });

  test(`${name}.join() reports how many items a process had when it died`, { timeout }, async () => {
    const queue = new Kind<unknown>();
    for (let i = 0; i < 3; i++) queue.putSync(i);
    const doomed = new ProcessPoolExecutor({ maxWorkers: 1 });
    const lost = doomed.submit(tasks.takeAndDie, queue, 2).exception();
    const failed = assertRejects(() => queue.join(), AbandonedError, "(number of lost items is 2)");
    assertInstanceOf(await lost, WorkerLostError);
    await within("the join", failed);
    await doomed.shutdown();
    assertEquals([queue.size, queue.unfinished], [1, 1]);
  });
}

test(
  "SharedQueue: an item that a process cannot put is refused there, and the next one arrives",
  { timeout },
  async () => {
    const queue = new SharedQueue<unknown>({ bytes: 1_000 });
    await assertRejects(() => pool.submit(tasks.putAll, queue, ["x".repeat(2_000)], "async"), RangeError, "1000 bytes");
    await pool.submit(tasks.putAll, queue, [{ __proto__: 1, good: [1n, new Date(0)] }], "async");
    assertEquals(await queue.get(), { good: [1n, new Date(0)] });
  },
);
