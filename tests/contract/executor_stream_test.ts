// Tests streams: the values of a task, one after another.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { existsSync, readFileSync } from "node:fs";
import { CancelledError, InvalidStateError, type Stream, TimeoutError, WorkerLostError } from "../../mod.ts";
import * as tasks from "../fixtures/stream_tasks.ts";
import { add } from "../fixtures/tasks.ts";
import { ALL, countsOf, testEach, WORKERS } from "../support/executors.ts";
import { RUNTIME } from "../support/runtime.ts";
import { until, within } from "../support/poll.ts";
import { LONG, SHORT } from "../support/timing.ts";

/** Takes all values, and the error after them. */
async function drain<T>(stream: AsyncIterable<T>): Promise<{ values: T[]; error: unknown }> {
  const values: T[] = [];
  try {
    for await (const value of stream) values.push(value);
    return { values, error: undefined };
  } catch (error) {
    return { values, error };
  }
}

function range(length: number): number[] {
  return Array.from({ length }, (_, n) => n);
}

function read(log: string): string {
  return existsSync(log) ? readFileSync(log, "utf8") : "";
}

/** The number of values that the generator has made, and whether it has ended. */
function noted(log: string): { made: number; ended: boolean } {
  const text = read(log);
  return { made: text.match(/\d+\n/g)?.length ?? 0, ended: text.endsWith("finally\n") };
}

async function take<T>(stream: Stream<T>, count: number): Promise<T[]> {
  const values: T[] = [];
  for (let left = count; left > 0; left--) {
    const { done, value } = await stream.next();
    if (done) break;
    values.push(value);
  }
  return values;
}

testEach(ALL, "stream() yields the values of a generator in order", async ({ shared }) => {
  for (const length of [0, 1, 15, 16, 17, 1000]) {
    assertEquals((await drain(shared().stream(tasks.count, length))).values, range(length));
  }
});

testEach(ALL, "stream() accepts async generators, promises of generators and readable streams", async ({ shared }) => {
  for (const task of [tasks.countLater, tasks.promised, tasks.readable]) {
    assertEquals((await drain(shared().stream(task, 50))).values, range(50), task.name);
  }
});

testEach(ALL, "stream() copies values of all kinds when they are yielded", async ({ shared }) => {
  const { values } = await drain(shared().stream(tasks.mixed));
  assertEquals(values.slice(0, 4), [1, "two", { three: [3n, undefined, null] }, undefined]);
  const self = values[4] as { self: unknown };
  assert(self.self === self);
  assertEquals(values[5], new Uint8Array(40_000).fill(7));
  assertEquals(values[6], new Uint8Array([1, 2, 3]));
  assertEquals(values[7], 0, "what was transferred is detached");
  assert(values[8] === tasks.count);
  assert(Object.is(values[9], -0));
  assertEquals((await drain(shared().stream(tasks.reuses))).values, [{ n: 0 }, { n: 1 }, { n: 2 }]);
});

testEach(ALL, "stream() starts at the call and is at most bufferSize values ahead", async ({ shared, file }) => {
  for (const bufferSize of [1, 4]) {
    const log = file(`log-${bufferSize}`);
    const stream = shared().with({ bufferSize }).stream(tasks.noted, log, 20);
    await until("the worker is ahead", () => noted(log).made === bufferSize);
    for (let taken = 1; taken <= 20; taken++) {
      assertEquals((await stream.next()).value, taken - 1);
      assert(noted(log).made <= taken + bufferSize, `${noted(log).made} made, ${taken} taken`);
    }
    assertEquals(await stream.next(), { done: true, value: undefined });
    assertEquals(await stream.next(), { done: true, value: undefined });
  }
});

testEach(ALL, "stream() serves concurrent calls of next() in order", async ({ shared }) => {
  const stream = shared().stream(tasks.countLater, 30);
  const steps = await Promise.all(range(32).map(() => stream.next()));
  assertEquals(steps.map(({ value }) => value), [...range(30), undefined, undefined]);
});

testEach(ALL, "stream() runs the generator's finally when the loop is left", async ({ shared, file }) => {
  const log = file("log");
  const pool = shared();
  const counts = countsOf(pool);
  const seen: number[] = [];
  for await (const value of pool.stream(tasks.noted, log)) if (seen.push(value) === 3) break;
  assertEquals(seen, [0, 1, 2]);
  assert(noted(log).ended, "break waits for the finally");
  assertEquals(await pool.submit(add, 1, 2), 3);
  const { completed, failed, cancelled, lost } = counts();
  assertEquals({ completed, failed, cancelled, lost }, { completed: 2, failed: 0, cancelled: 0, lost: 0 });
});

testEach(ALL, "stream() ends a generator that waits when its consumer leaves", async ({ shared, file }) => {
  const log = file("log");
  const stream = shared().stream(tasks.waits, log);
  assertEquals(await take(stream, 1), ["first"]);
  const next = stream.next();
  await within("return()", stream.return());
  assertEquals(await next, { done: true, value: undefined });
  assertEquals(read(log), "heard AbortError\nfinally\n");
  assertEquals(await stream.next(), { done: true, value: undefined });
});

testEach(ALL, "stream() rejects return() with the error of the finally", async ({ shared }) => {
  const stream = shared().stream(tasks.failsAtEnd);
  assertEquals(await take(stream, 2), [0, 1]);
  await assertRejects(() => stream.return(), RangeError, "thrown by the finally");
  await stream.return();
  await stream[Symbol.asyncDispose]();
});

testEach(ALL, "stream() ends its task at the end of await using", async ({ shared, file }) => {
  const log = file("log");
  const stream = shared().stream(tasks.noted, log);
  await until("it runs", () => noted(log).made === 16);
  await stream[Symbol.asyncDispose]();
  assert(noted(log).ended);
  await stream[Symbol.asyncDispose]();
});

testEach(
  ALL,
  "stream() rejects at once when it is aborted, without the values that had arrived",
  async ({ shared, file }) => {
    const log = file("log");
    const stream = shared().stream(tasks.noted, log);
    assertEquals(await take(stream, 1), [0]);
    stream.abort(new Error("enough"));
    await assertRejects(() => stream.next(), Error, "enough");
    assertEquals(await stream.next(), { done: true, value: undefined });
    await until("its finally has run", () => noted(log).ended);
    assertEquals(await shared().submit(add, 1, 2), 3);
  },
);

testEach(ALL, "stream() rejects pending calls of next() when it is aborted", async ({ shared, file }) => {
  const log = file("log");
  const stream = shared().stream(tasks.waits, log);
  await take(stream, 1);
  const next = stream.next();
  stream.abort();
  assertEquals((await assertRejects(() => next, DOMException)).name, "AbortError");
  await stream[Symbol.asyncDispose]();
  assertEquals(read(log), "heard AbortError\nfinally\n");
});

testEach(ALL, "stream() ends its task when the signal of its view fires", async ({ shared, file }) => {
  const log = file("log");
  const controller = new AbortController();
  const stream = shared().with({ signal: controller.signal }).stream(tasks.waits, log);
  await take(stream, 1);
  const next = stream.next();
  controller.abort(new RangeError("no more"));
  await assertRejects(() => next, RangeError, "no more");
  await until("its finally has run", () => read(log).endsWith("finally\n"));
  await assertRejects(() => shared().with({ signal: controller.signal }).stream(tasks.count, 1).next(), RangeError);
});

testEach(
  ALL,
  "stream() ends with the timeout of its view, counted to the end of the generator",
  async ({ shared, file }) => {
    const log = file("log");
    await drain(shared().stream(tasks.count, 1));
    const stream = shared().with({ timeout: SHORT }).stream(tasks.waits, log);
    const { error } = await drain(stream);
    assertInstanceOf(error, TimeoutError);
    await until("its finally has run", () => read(log).endsWith("finally\n"));
  },
);

testEach(ALL, "stream() throws an error after the values yielded before it", async ({ shared }) => {
  for (const length of [0, 1, 16, 100]) {
    const { values, error } = await drain(shared().stream(tasks.failsAfter, length));
    assertEquals(values, range(length));
    assertInstanceOf(error, RangeError);
    assertEquals(error.message, `no more than ${length}`);
    assert(error.stack!.includes("executor_stream_test"), "the stack shows where it was submitted");
  }
});

testEach(ALL, "stream() throws DataCloneError in the place of an unsendable value", async ({ shared, file }) => {
  const log = file("log");
  const { values, error } = await drain(shared().stream(tasks.yieldsFunction, log));
  assertEquals(values, [1]);
  assertEquals((error as Error).name, "DataCloneError");
  assert((error as Error).message.includes("value.call: a function cannot travel"), (error as Error).message);
  assertEquals(read(log), "finally\n");
});

testEach(ALL, "stream() rejects tasks without a generator, and submit() tasks with one", async ({ shared }) => {
  const pool = shared();
  await assertRejects(() => pool.stream(tasks.noSource as never).next(), TypeError, "submit");
  await assertRejects(() => pool.submit(tasks.count, 1), TypeError, "stream");
  await assertRejects(() => pool.submit(tasks.countLater, 1), TypeError, "stream");
  await assertRejects(() => pool.map(tasks.count, [1]), TypeError, "stream");
});

testEach(ALL, "stream() throws errors that are known at the call", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  assertThrows(() => pool.stream((() => {}) as never), TypeError, "not a task");
  for (const bufferSize of [0, 1.5, NaN]) assertThrows(() => pool.with({ bufferSize }), RangeError, "bufferSize");
  await pool.shutdown();
  assertThrows(() => pool.stream(tasks.count, 1), InvalidStateError);
});

testEach(ALL, "stream() runs each step of the generator in the context of its task", async ({ shared }) => {
  const { values } = await drain(shared().stream(tasks.contexts));
  assertEquals(new Set(values).size, 1);
  assert(values[0] !== undefined);
});

testEach(ALL, "stream() retries until its first value is delivered", async ({ shared }) => {
  const pool = shared().with({ retry: { maxAttempts: 3, minDelay: 1 } });
  assertEquals((await drain(pool.stream(tasks.failsFirst, 2, false))).values, [3]);
  const { values, error } = await drain(pool.stream(tasks.failsFirst, 2, true));
  assertEquals(values, [-1]);
  assertEquals((error as Error).message, "attempt 1");
});

testEach(ALL, "stream() counts as a running task until its generator has ended", async ({ open, file }) => {
  const log = file("log");
  const pool = open({ maxWorkers: 1 });
  const stream = pool.stream(tasks.noted, log);
  await take(stream, 1);
  const future = pool.submit(add, 1, 2);
  assertEquals(pool.stats().running, 1);
  assertEquals(future.done, false);
  await stream.return();
  assertEquals(await future, 3);
});

testEach(ALL, "stream() is cancelled with the waiting tasks", async ({ open, file }) => {
  const pool = open({ maxWorkers: 1 });
  const first = pool.stream(tasks.noted, file("log"));
  await take(first, 1);
  const second = pool.stream(tasks.count, 3);
  const next = second.next();
  void pool.shutdown({ cancelFutures: true });
  await assertRejects(() => next, CancelledError);
  await first.return();
});

testEach(ALL, "stream() can be left while it waits in the queue", async ({ open, file }) => {
  const pool = open({ maxWorkers: 1 });
  const first = pool.stream(tasks.noted, file("log"));
  await take(first, 1);
  const second = pool.stream(tasks.count, 3);
  await second.return();
  assertEquals(pool.stats().cancelled, 1);
  await first.return();
});

testEach(ALL, "shutdown() waits for streams with a consumer and ends the others", async ({ open, file }) => {
  const pool = open({ maxWorkers: 2 });
  const [log, other] = [file("log"), file("other")];
  const stream = pool.stream(tasks.noted, log, 40);
  const unused = pool.stream(tasks.noted, other);
  assertEquals(await take(stream, 1), [0]);
  await until("both run", () => noted(other).made === 16);
  let over = false;
  const shutdown = pool.shutdown().then(() => over = true);
  await until("the other has ended", () => noted(other).ended);
  assertEquals((await drain(stream)).values, range(40).slice(1));
  assert(!over || noted(log).ended);
  await shutdown;
  await assertRejects(() => unused.next(), CancelledError);
});

testEach(ALL, "stream() feeds a ReadableStream", async ({ shared, file }) => {
  const from = (ReadableStream as unknown as { from?<T>(source: AsyncIterable<T>): ReadableStream<T> }).from;
  const log = file("log");
  if (from === undefined) {
    // Without ReadableStream.from, a Response accepts the stream as an async iterable.
    const response = new Response(shared().stream(tasks.noted, log, 3) as never);
    assert(response.body !== null);
    return;
  }
  const reader = from.call(ReadableStream, shared().stream(tasks.noted, log, 100))
    .getReader() as ReadableStreamDefaultReader<number>;
  assertEquals((await reader.read()).value, 0);
  await reader.cancel();
  await until("the generator has ended", () => noted(log).ended);
});

testEach(WORKERS, "stream() rejects after the values that had arrived when its worker dies", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const { values, error } = await drain(pool.stream(tasks.diesAfter, 5));
  assertEquals(values, range(5));
  assertInstanceOf(error, WorkerLostError);
  assertEquals(error.exitCode, 7);
  assertEquals(await pool.submit(add, 1, 2), 3);
});

testEach(WORKERS, "stream() moves to another worker if its worker dies before it begins", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const first = pool.stream(tasks.diesAfter, 1);
  const second = pool.stream(tasks.count, 5);
  assertInstanceOf((await drain(first)).error, WorkerLostError);
  assertEquals((await drain(second)).values, range(5));
});

testEach(
  WORKERS,
  "stream() has its worker replaced if the generator does not end in its grace",
  async ({ open, kind }) => {
    const pool = open({ maxWorkers: 1, grace: SHORT });
    const stream = pool.stream(tasks.blocks);
    assertEquals(await take(stream, 1), [1]);
    await within("return()", stream.return());
    // On Deno a busy thread continues, but no longer counts.
    assertEquals(await pool.submit(add, 1, 2), 3);
    assert(pool.stats().restarts > 0 || kind.name === "InlineExecutor");
  },
);

// On Bun an unhandled rejection in an async generator that has yielded has no async context. So it belongs to no task
// and is an `error` event of the pool.
testEach(
  RUNTIME === "bun" ? [] : WORKERS,
  "stream() ends with an error that its task has left behind",
  async ({ shared, file }) => {
    const log = file("log");
    const { error } = await drain(shared({ grace: LONG }).stream(tasks.leavesError, log));
    assertInstanceOf(error, RangeError);
    await until("the generator was closed", () => read(log) === "finally\n");
  },
);
