// Tests pipelines with generator steps.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { existsSync, readFileSync } from "node:fs";
import { CancelledError, pipeline, type Task } from "../../mod.ts";
import * as tasks from "../fixtures/stream_tasks.ts";
import { double, doubleButThree, waitForFile } from "../fixtures/tasks.ts";
import { ALL, testEach } from "../support/executors.ts";
import { until, within } from "../support/poll.ts";

async function drain<T>(stream: AsyncIterable<T>): Promise<{ values: T[]; error: unknown }> {
  const values: T[] = [];
  try {
    for await (const value of stream) values.push(value);
    return { values, error: undefined };
  } catch (error) {
    return { values, error };
  }
}

function endOf(log: string): boolean {
  return existsSync(log) && readFileSync(log, "utf8").endsWith("finally\n");
}

testEach(ALL, "pipeline.stream() passes each value of a generator through the following steps", async ({ shared }) => {
  const pool = shared({ maxWorkers: 2 });
  const steps = pipeline(pool).step(tasks.count).step(double);
  const numbers: number[] = (await drain(steps.stream(50))).values;
  assertEquals(numbers, Array.from({ length: 50 }, (_, n) => 2 * n));
});

testEach(ALL, "pipeline.stream() accepts several generators, and steps before them", async ({ shared }) => {
  const steps = pipeline(shared({ maxWorkers: 3 })).step(double).step(tasks.count).step(tasks.countLater).step(double);
  assertEquals((await drain(steps.stream(2))).values, [0, 0, 2, 0, 2, 4]);
  assertEquals((await drain(pipeline(shared()).step(double).stream(4))).values, [8]);
});

testEach(
  ALL,
  "pipeline.run() refuses a generator step and map() takes one input after the other",
  async ({ shared }) => {
    const steps = pipeline(shared({ maxWorkers: 2 })).step(tasks.count).step(double);
    const error = assertThrows(() => steps.run(3), TypeError);
    assert(error.message.includes("'count'") && error.message.includes("stream"), error.message);
    assertEquals(await steps.map([2, 0, 3]), [0, 2, 0, 2, 4]);
    assertEquals((await drain(steps.map([1, 2]))).values, [0, 0, 2]);
  },
);

testEach(
  ALL,
  "pipeline.stream() throws an error after the values before it, or catches the error",
  async ({ shared }) => {
    const pool = shared({ maxWorkers: 2 });
    const failing = pipeline(pool).step(tasks.failsAfter).step(double);
    const { values, error } = await drain(failing.stream(3));
    assertEquals(values, [0, 2, 4]);
    assertInstanceOf(error, RangeError);
    const caught = pipeline(pool).step(tasks.failsAfter).catch(() => 7).step(double);
    assertEquals((await drain(caught.stream(3))).values, [0, 2, 4, 14]);
    const late = pipeline(pool).step(tasks.count).step(doubleButThree).catch(() => -1);
    assertEquals((await drain(late.stream(5))).values, [0, 2, 4, -1, 8]);
    const early = pipeline(pool).step(doubleButThree).step(tasks.count).catch(() => -1).step(double);
    assertEquals((await drain(early.map([1, 3, 1]))).values, [0, 2, -2, 0, 2]);
  },
);

testEach(ALL, "pipeline.stream() ends its generator when its consumer leaves", async ({ shared, file }) => {
  const log = file("log");
  const steps = pipeline(shared({ maxWorkers: 2 })).step(tasks.noted as Task<[string], Generator<number>>).step(double);
  const seen: number[] = [];
  for await (const value of steps.stream(log)) if (seen.push(value) === 3) break;
  assertEquals(seen, [0, 2, 4]);
  assert(endOf(log));
});

testEach(ALL, "pipeline.stream() ends a pending next() when it is left or aborted", async ({ shared, file, gate }) => {
  const pool = shared({ maxWorkers: 2 });
  const [log, other] = [file("log"), file("other")];
  const waiting = pipeline(pool).step(tasks.waits);
  const stream = waiting.stream(log);
  assertEquals((await stream.next()).value, "first");
  const next = stream.next();
  await within("return()", stream.return!());
  assertEquals((await next).done, true);
  assert(endOf(log));
  const aborted = waiting.stream(other);
  await aborted.next();
  const last = aborted.next();
  aborted.abort(new RangeError("enough"));
  await assertRejects(() => last, RangeError, "enough");
  await until("it has ended", () => endOf(other));
  const held = pipeline(pool).step(waitForFile as Task<[string], Promise<unknown>>).stream(gate().path);
  const blocked = held.next();
  held.abort(new RangeError("enough"));
  await assertRejects(() => blocked, RangeError, "enough");
});

testEach(ALL, "shutdown() waits for pipeline.stream()", async ({ open }) => {
  const pool = open({ maxWorkers: 2 });
  const steps = pipeline(pool).step(tasks.count).step(double).step(tasks.count);
  const stream = steps.stream(3);
  assertEquals((await stream.next()).value, 0);
  const shutdown = pool.shutdown();
  assertEquals((await drain(stream)).values, [1, 0, 1, 2, 3]);
  await shutdown;
});

testEach(
  ALL,
  "pipeline.stream() ends with what a shutdown cancels, and without a consumer does not delay the shutdown",
  async ({ open }) => {
    const pool = open({ maxWorkers: 2 });
    const steps = pipeline(pool).step(tasks.count).step(double);
    const unused = steps.stream(3);
    const stream = steps.stream(1000);
    assertEquals((await stream.next()).value, 0);
    const shutdown = pool.shutdown({ cancelFutures: true });
    assertInstanceOf((await drain(stream)).error, CancelledError);
    await within("the shutdown", shutdown);
    await assertRejects(() => unused.next());
  },
);

testEach(ALL, "pipeline.map() over a generator step ends with its signal", async ({ shared, file }) => {
  const log = file("log");
  const controller = new AbortController();
  const results = pipeline(shared()).step(tasks.waits).map([log], { signal: controller.signal });
  const collected = Promise.resolve(results);
  await until("it runs", () => shared().stats().running > 0);
  controller.abort(new RangeError("enough"));
  await assertRejects(() => collected, RangeError, "enough");
});
