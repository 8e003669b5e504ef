// Tests items that cannot be cloned to the worker that asks for them: the call rejects with the path, and no item is
// lost.

import { assert, assertEquals, assertStrictEquals, assertStringIncludes } from "@std/assert";
import {
  inline,
  LifoQueue,
  Manager,
  pipe,
  PriorityQueue,
  Queue,
  SharedMemory,
  SimpleQueue,
  type Task,
} from "../../mod.ts";
import * as tasks from "../fixtures/queue_tasks.ts";
import { PROCESSES, testEach, WORKERS } from "../support/executors.ts";

interface Item {
  a: number;
  next(): number;
}

const queues = {
  Queue: () => new Queue<unknown>(),
  LifoQueue: () => new LifoQueue<unknown>(),
  PriorityQueue: () => new PriorityQueue<unknown>(0, { compare: () => 0 }),
  SimpleQueue: () => new SimpleQueue<unknown>(),
};

for (const [name, open] of Object.entries(queues)) {
  testEach(
    WORKERS,
    `rejects a get() from a ${name} whose item cannot be cloned, and keeps the item`,
    async ({ shared }) => {
      const queue = open();
      const item: Item = { a: 1, next: () => 1 };
      await queue.put(item);
      for (let turn = 0; turn < 2; turn++) {
        const error = await shared().submit(tasks.getOne as Task<[unknown], unknown>, queue).exception() as Error;
        assertEquals([error.name, queue.size], ["DataCloneError", 1]);
        assertStringIncludes(error.message, ".next: a function cannot travel");
      }
      const error = await shared().submit(tasks.takeAll, queue).exception() as Error;
      assertEquals([error.name, queue.size], ["DataCloneError", 1]);
      assertStrictEquals(await queue.get(), item);
    },
  );
}

testEach(WORKERS, "keeps an item that cannot be cloned first in the queue, and unfinished", async ({ shared }) => {
  const queue = new Queue<unknown>(2);
  await queue.put(() => 1);
  await queue.put("second");
  const waiting = queue.put("third");
  assert((await shared().submit(tasks.getOne, queue).exception()) instanceof DOMException);
  assertEquals(typeof await queue.get(), "function");
  assertEquals([await queue.get(), queue.unfinished], ["second", 3]);
  await waiting;
  for (let i = 0; i < 3; i++) queue.taskDone();
  await queue.join();
});

testEach(WORKERS, "gives an item that cannot be cloned to a caller in its own thread", async ({ shared }) => {
  const queue = new Queue<unknown>();
  const future = shared().submit(tasks.getOne, queue);
  await new Promise<void>((resolve) => future.onProgress(() => resolve()));
  const here = queue.get();
  await queue.put(() => 1);
  assert((await future.exception()) instanceof DOMException);
  assertEquals(typeof await here, "function");
});

testEach(
  [PROCESSES],
  "keeps values that cannot leave the process in a managed queue, a managed list and a pipe",
  async ({ shared }) => {
    const manager = new Manager();
    try {
      const memory = new SharedMemory(8);
      const [queue, list, [here, there]] = [manager.queue<unknown>(), manager.list<unknown>(), pipe()];
      await queue.put(memory), await list.push("first", memory), await here.send(memory);
      const pop = inline((from: { pop(): Promise<unknown> }) => from.pop());
      const receive = inline((from: { recv(): Promise<unknown> }) => from.recv());
      const failed = [
        shared().submit(tasks.getOne, queue as unknown as Queue<unknown>),
        shared().submit(pop as Task<[unknown], unknown>, list),
        shared().submit(receive as Task<[unknown], unknown>, there),
      ];
      for (const future of failed) assertEquals((await future.exception() as Error).name, "DataCloneError");
      assertEquals([queue.size, await list.size()], [1, 2]);
      for (const kept of [await queue.get(), await list.pop(), await there.recv()]) {
        assert(
          kept instanceof SharedMemory,
        );
      }
    } finally {
      await manager[Symbol.asyncDispose]();
    }
  },
);
