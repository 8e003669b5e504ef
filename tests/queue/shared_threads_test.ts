// Tests shared queues that several threads use.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { AbandonedError, InvalidStateError, QueueShutDownError, Thread } from "../../mod.ts";
import { SharedLifoQueue } from "../../src/queue/shared/shared_lifo_queue.ts";
import { SharedPriorityQueue } from "../../src/queue/shared/shared_priority_queue.ts";
import { SharedQueue } from "../../src/queue/shared/shared_queue.ts";
import { until, untilStarted, within } from "../support/poll.ts";
import { SHORT } from "../support/timing.ts";
import { FORMS, raise, sharedCells, testThreads } from "../sync/threads.ts";
import * as tasks from "./shared_tasks.ts";

/** The kinds, and the order in which each returns 2, 3, 1. */
const KINDS = [[SharedQueue, [2, 3, 1]], [SharedLifoQueue, [1, 3, 2]], [SharedPriorityQueue, [1, 2, 3]]] as const;

for (const [Kind, order] of KINDS) {
  const { name } = Kind;

  for (const form of FORMS) {
    testThreads(`${name}: a thread gets the items of another in order, ${form}`, 2, async (pool) => {
      const queue = new Kind<unknown>();
      await pool.submit(tasks.putAll, queue, [2, 3, 1], form);
      assertEquals([queue.size, queue.unfinished], [3, 3]);
      assertEquals(await pool.submit(tasks.getMany, queue, 3, form), [...order]);
      assertEquals([queue.size, queue.unfinished], [0, 3]);
      await pool.submit(tasks.finish, queue, 3);
      await queue.join();
      assertThrows(() => queue.taskDone(), InvalidStateError);
    });

    testThreads(
      `${name}: get() in another thread waits for an item, and put() for room, ${form}`,
      1,
      async (pool) => {
        const queue = new Kind<unknown>({ maxSize: 1 });
        const got = pool.submit(tasks.waitToGet, queue, form);
        await untilStarted(got);
        queue.putSync("item");
        assertEquals(await within("the item", got), "item");
        queue.putSync("one");
        const put = pool.submit(tasks.waitToPut, queue, "two", form);
        await untilStarted(put);
        assertEquals(await queue.get(), "one");
        assertEquals(await within("the put", put), "put");
        assertEquals(await queue.get(), "two");
      },
    );
  }

  testThreads(`${name}: other threads serve get() and put() of this thread`, 1, async (pool) => {
    const queue = new Kind<unknown>({ maxSize: 1 });
    // Share the queue while this thread waits.
    const got = queue.get();
    await pool.submit(tasks.putAll, queue, ["a"], "sync");
    assertEquals(await within("the item", got), "a");
    await queue.put("b");
    const put = queue.put("c");
    assertEquals(await pool.submit(tasks.getMany, queue, 2, "sync"), ["b", "c"]);
    await within("the put", put);
    queue.putSync("d");
    const future = pool.submit(tasks.waitToPut, queue, "e", "async");
    await untilStarted(future);
    assertEquals([queue.getSync(), queue.getSync()], ["d", "e"]);
    assertEquals(await future, "put");
  });

  testThreads(`${name}: shutdown() ends the waits in all threads at once`, 4, async (pool) => {
    for (const immediate of [false, true]) {
      const [empty, full] = [new Kind<unknown>(), new Kind<unknown>({ maxSize: 1 })];
      full.putSync("last");
      const gets = FORMS.map((form) => pool.submit(tasks.waitToGet, empty, form));
      const puts = FORMS.map((form) => pool.submit(tasks.waitToPut, full, form, form));
      const here = [empty.get(), full.put("mine")].map((wait) => assertRejects(() => wait, QueueShutDownError));
      await untilStarted(...gets, ...puts);
      const other = new Thread(tasks.shut, [empty, immediate]).start();
      full.shutdown({ immediate });
      await other.join();
      assertEquals(await within("the gets", Promise.all(gets)), ["QueueShutDownError", "QueueShutDownError"]);
      assertEquals(await within("the puts", Promise.all(puts)), FORMS.map((form) => ["QueueShutDownError", form]));
      await within("this thread", Promise.all(here));
      assertEquals([empty.isShutDown, full.size, full.unfinished], [true, immediate ? 0 : 1, immediate ? 0 : 1]);
    }
  });

  testThreads(
    `${name}: a wait of another thread that times out takes and leaves nothing`,
    2,
    async (pool) => {
      const queue = new Kind<unknown>({ maxSize: 1 });
      const gets = FORMS.map((form) => pool.submit(tasks.waitToGet, queue, form, SHORT));
      assertEquals(await within("the gets", Promise.all(gets)), ["QueueEmptyError", "QueueEmptyError"]);
      queue.putSync("kept");
      const puts = FORMS.map((form) => pool.submit(tasks.waitToPut, queue, form, form, SHORT));
      assertEquals(await within("the puts", Promise.all(puts)), FORMS.map((form) => ["QueueFullError", form]));
      assertEquals([queue.size, queue.getSync(), queue.tryGet(), queue.unfinished], [1, "kept", undefined, 1]);
    },
  );

  testThreads(`${name}: join() returns when consumers in several threads have finished all items`, 4, async (pool) => {
    const queue = new Kind<unknown>();
    const consumers = Array.from({ length: 3 }, () => pool.submit(tasks.loop, queue));
    const joins = [];
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 200; i++) await queue.put(i);
      joins.push(pool.submit(tasks.waitToJoin, queue));
      await within("the join", queue.join());
      assertEquals([queue.size, queue.unfinished], [0, 0]);
    }
    assertEquals(new Set(await Promise.all(joins)), new Set(["joined"]));
    queue.shutdown();
    const taken = (await within("the consumers", Promise.all(consumers))).flat();
    assertEquals(taken.length, 1_000);
  });

  testThreads(`${name} is one object in each thread, and returns as the same object`, 1, async (pool) => {
    const queue = new Kind<number>();
    assertStrictEquals(await pool.submit(tasks.giveBack, queue, { again: queue }), queue);
    const back = await pool.submit(tasks.giveBack, queue, { again: new Kind() });
    assertEquals(back, "another one");
  });
}

testThreads("SharedQueue.join() reports to waiters how many items a thread had when it ended", 3, async (pool) => {
  const queue = new SharedQueue<unknown>();
  for (let i = 0; i < 5; i++) queue.putSync(i);
  const cells = sharedCells(1);
  const doomed = new Thread(tasks.takeAndDie, [queue, 3, cells]).start();
  await until("it has them", () => queue.size === 2);
  const others = [1, 2].map(() => pool.submit(tasks.waitToJoin, queue));
  await untilStarted(...others);
  const here = queue.join();
  const failed = assertRejects(() => here, AbandonedError, "(number of lost items is 3)");
  raise(cells, 0);
  await within("this thread", failed);
  for (const end of await within("the others", Promise.all(others))) assert(end.endsWith("lost items is 3)"), end);
  await doomed.join();
  // From now on the lost items count as done.
  assertEquals([queue.size, queue.unfinished], [2, 2]);
  const next = queue.join();
  for (let i = 0; i < 2; i++) queue.getSync(), queue.taskDone();
  await within("the next join", next);
});

testThreads("SharedQueue.join() reports lost items to the next call if none was waiting", 1, async () => {
  const queue = new SharedQueue<unknown>();
  for (let i = 0; i < 3; i++) queue.putSync(i);
  for (let round = 0; round < 2; round++) {
    await new Thread(tasks.takeAndDie, [queue, 1]).start().join();
  }
  assertEquals([queue.size, queue.unfinished], [1, 1]);
  assertInstanceOf(await assertRejects(() => queue.join(), AbandonedError, "lost items is 2)"), AbandonedError);
  queue.getSync();
  queue.taskDone();
  await queue.join();
});

testThreads("SharedQueue.join() does not count items as lost that others have reported done", 1, async () => {
  const queue = new SharedQueue<unknown>();
  for (let i = 0; i < 3; i++) queue.putSync(i);
  const cells = sharedCells(1);
  const doomed = new Thread(tasks.takeAndDie, [queue, 2, cells]).start();
  await until("it has them", () => queue.size === 1);
  queue.taskDone();
  queue.taskDone();
  raise(cells, 0);
  await doomed.join();
  queue.getSync();
  assertEquals(queue.unfinished, 1);
  queue.taskDone();
  await queue.join();
});

testThreads("SharedQueue goes on when threads end that wait at it", 2, async (pool) => {
  const queue = new SharedQueue<unknown>({ maxSize: 1 });
  for (const form of FORMS) {
    const waiting = new Thread(tasks.waitToGet, [queue, form]).start();
    await untilStarted(waiting.result);
    await within("its end", waiting.terminate());
    queue.putSync(form);
    const other = new Thread(tasks.waitToPut, [queue, "never", form]).start();
    await untilStarted(other.result);
    await within("its end", other.terminate());
    // The ended waits have neither taken nor put an item.
    assertEquals([queue.size, queue.getSync(), queue.tryGet()], [1, form, undefined]);
  }
  assertEquals(await pool.submit(tasks.getMany, queue, 0, "sync"), []);
});
