// Tests async iterables as arguments, whose values the task pulls.

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Process, Queue, Thread } from "../../mod.ts";
import { engineOf } from "../../src/pool/pool_base.ts";
import * as tasks from "../fixtures/stream_tasks.ts";
import { echo } from "../fixtures/tasks.ts";
import { ALL, testEach, WORKERS } from "../support/executors.ts";
import { until, untilStarted } from "../support/poll.ts";

/** An iterable of numbers that counts the values it has made and the calls of return(). */
class Numbers implements AsyncIterableIterator<number> {
  made = 0;
  returned = 0;
  readonly limit: number;

  constructor(limit: number = Infinity) {
    this.limit = limit;
  }

  next(): Promise<IteratorResult<number>> {
    if (this.made >= this.limit) return Promise.resolve({ done: true, value: undefined });
    return Promise.resolve({ done: false, value: this.made++ });
  }

  return(): Promise<IteratorResult<number>> {
    this.returned++;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

async function* numbers(limit: number, ended: () => void = () => {}): AsyncGenerator<number> {
  try {
    for (let n = 0; n < limit; n++) yield n;
  } finally {
    ended();
  }
}

async function* failing(): AsyncGenerator<number> {
  yield 1;
  yield 2;
  throw new RangeError("the source has failed");
}

testEach(ALL, "submit() gives a task the values of an async iterable", async ({ shared }) => {
  for (const length of [0, 1, 16, 17, 500]) {
    const total = length * (length - 1) / 2;
    assertEquals(await shared().submit(tasks.sum, numbers(length)), total);
    assertEquals(await shared().submit(tasks.sum, new Numbers(length)), total);
    const literal = { [Symbol.asyncIterator]: () => numbers(length) };
    assertEquals(await shared().submit(tasks.sum, literal), total);
  }
  const stream = new ReadableStream<number>({
    start: (controller) => {
      for (const n of [1, 2, 3]) controller.enqueue(n);
      controller.close();
    },
  });
  assertEquals(await shared().submit(tasks.sum, stream), 6);
});

testEach(ALL, "stream() pulls an async iterable anywhere in the arguments", async ({ shared }) => {
  const values: number[] = [];
  for await (const value of shared().stream(tasks.doubled, { values: numbers(40) })) values.push(value);
  assertEquals(values, Array.from({ length: 40 }, (_, n) => 2 * n));
});

testEach(ALL, "submit() accepts the stream of another task as an argument", async ({ shared }) => {
  const pool = shared({ maxWorkers: 2 });
  assertEquals(await pool.submit(tasks.sum, pool.stream(tasks.count, 100)), 4950);
});

testEach(ALL, "submit() takes at most bufferSize values ahead of the task", async ({ shared }) => {
  for (const bufferSize of [1, 8]) {
    const source = new Numbers();
    assertEquals(await shared().with({ bufferSize }).submit(tasks.takes, source, 3), [0, 1, 2]);
    assert(source.made <= 3 + bufferSize, `${source.made} made`);
    assertEquals(source.returned, 1);
  }
});

testEach(
  ALL,
  "submit() takes nothing before the task asks, and tells the iterable to return when it has ended",
  async ({ shared }) => {
    const source = new Numbers();
    assertEquals(await shared().submit(tasks.takes, source, 0), []);
    await until("it was told", () => source.returned === 1);
    assertEquals(source.made, 0);
  },
);

testEach(ALL, "submit() calls return() of the iterable when its task is aborted", async ({ shared }) => {
  let ended = 0;
  const future = shared().submit(tasks.keeps, numbers(Infinity, () => ended++));
  await untilStarted(future);
  future.abort(new Error("enough"));
  await assertRejects(() => future.result(), Error, "enough");
  await until("it has ended", () => ended === 1);
});

testEach(WORKERS, "submit() calls return() of the iterable when the worker dies", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  let ended = 0;
  const future = pool.submit(tasks.keeps, numbers(Infinity, () => ended++));
  await untilStarted(future);
  engineOf(pool)!.terminate(new Error("ended by a test"));
  await future.exception();
  await until("it has ended", () => ended === 1);
});

testEach(
  ALL,
  "submit() throws an error of the iterable in the task, after the values before it",
  async ({ shared }) => {
    const error = await assertRejects(() => shared().submit(tasks.takes, failing(), 9), RangeError);
    assertEquals(error.message, "the source has failed");
    assertEquals(await shared().submit(tasks.takes, failing(), 2), [1, 2]);
  },
);

testEach(
  ALL,
  "submit() throws DataCloneError in the task in the place of a value that cannot be sent",
  async ({ shared }) => {
    let ended = 0;
    async function* source(): AsyncGenerator<unknown> {
      try {
        yield { fine: true };
        yield { call: () => {} };
      } finally {
        ended++;
      }
    }
    const error = await assertRejects(() => shared().submit(tasks.takes, source(), 9), DOMException);
    assert(error.message.includes("value.call: a function cannot travel"), error.message);
    await until("it has ended", () => ended === 1);
  },
);

testEach(ALL, "submit() copies values when the iterable yields them", async ({ shared }) => {
  async function* source(): AsyncGenerator<{ n: number }> {
    const value = { n: 0 };
    for (; value.n < 3; value.n++) yield value;
  }
  assertEquals(await shared().submit(tasks.takes, source(), 9), [{ n: 0 }, { n: 1 }, { n: 2 }]);
});

testEach(ALL, "submit() passes an async iterable that can be read only once", async ({ shared }) => {
  assertEquals(await shared().submit(tasks.twice, numbers(5)), 10);
});

testEach(ALL, "submit() does not retry a task that has taken a value", async ({ shared }) => {
  const pool = shared().with({ retry: { maxAttempts: 2, minDelay: 1 } });
  assertEquals(await pool.submit(tasks.failsHavingTaken, numbers(5), false), 0);
  await assertRejects(() => pool.submit(tasks.failsHavingTaken, numbers(5), true), Error, "the first attempt");
});

testEach(ALL, "submit() passes queues as handles, not as iterables", async ({ shared }) => {
  const queue = new Queue<number>();
  for (const n of [1, 2, 3]) queue.tryPut(n);
  queue.shutdown();
  assertEquals(await shared().submit(tasks.sum, queue as never), 6);
});

testEach(ALL, "map() rejects an AsyncIterable within an item", async ({ shared }) => {
  const pool = shared();
  for (const value of [numbers(1), new Numbers(1), { [Symbol.asyncIterator]: () => numbers(1) }]) {
    const error = await assertRejects(() => pool.map(echo, [{ value }]), DOMException);
    assertEquals(error.name, "DataCloneError");
    assertMatch(error.message, /value: an (?:AsyncIterable|iterator) cannot travel/);
  }
});

testEach([WORKERS[0]!], "Thread and Process reject an AsyncIterable as an argument", async () => {
  for (const Kind of [Thread, Process]) {
    const started = new Kind(tasks.sum, [numbers(1)]).start();
    await assertRejects(() => started.result.result(), DOMException, "an iterator cannot travel");
    await started.join();
  }
});
