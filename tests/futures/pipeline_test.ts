import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { CancelledError, InvalidStateError } from "../../src/core/errors.ts";
import type { Executor, SubmitOptions } from "../../src/futures/executor.ts";
import { fulfil, Future, markCancelled, reportProgress } from "../../src/futures/future.ts";
import type { FutureSource } from "../../src/futures/source.ts";
import { pipeline } from "../../src/futures/pipeline.ts";
import { InlineExecutor } from "../../src/pool/inline_pool.ts";
import { inline } from "../../src/task/inline.ts";
import { scaled } from "../support/long_run.ts";
import { within } from "../support/poll.ts";
import { TEST_LIMIT } from "../support/timing.ts";
import { microtasks, printed } from "./fake_source.ts";

const LIMIT = { timeout: TEST_LIMIT };
const add = inline((n: number) => n + 1);
const double = inline((n: number) => 2 * n);
const failOdd = inline((n: number) => {
  if (n % 2 === 1) throw new RangeError(`${n} is odd`);
  return n;
});

/** A task that ends when the test says so. */
class FakeTask implements FutureSource {
  readonly future: Future<unknown> = new Future<unknown>(this);
  readonly value: unknown;
  running = true;
  reason: unknown;

  constructor(value: unknown) {
    this.value = value;
  }

  cancel(): boolean {
    if (!this.running) markCancelled(this.future);
    return !this.running;
  }

  abort(reason: unknown): void {
    this.reason = reason;
  }
}

/** An executor that starts nothing by itself, and its tasks. */
class FakeExecutor {
  readonly maxWorkers = 1;
  readonly tasks: FakeTask[] = [];
  readonly options: SubmitOptions[] = [];
  shutdowns = 0;

  get executor(): Executor {
    return this as unknown as Executor;
  }

  with(options: SubmitOptions): this {
    this.options.push({ ...options });
    return this;
  }

  submit(_task: unknown, value: unknown): Future<unknown> {
    const task = new FakeTask(value);
    this.tasks.push(task);
    return task.future;
  }

  shutdown(): Promise<void> {
    this.shutdowns++;
    return Promise.resolve();
  }
}

test("Pipeline.run() passes the result of each step to the next one", LIMIT, async () => {
  const pool = new InlineExecutor();
  const steps = pipeline(pool).step(add).step(double);
  assertEquals(await steps.run(20), 42);
  assertEquals(await pipeline(pool).step(double).step(add).step(inline((n: number) => `${n}`)).run(3), "7");
});

test("Pipeline.step() returns a new pipeline and leaves the old one unchanged", LIMIT, async () => {
  const base = pipeline(new InlineExecutor()).step(add);
  const longer = base.step(double);
  assertEquals([await base.run(1), await longer.run(1)], [2, 4]);
});

test("Pipeline.map() returns results in order, as an array or one by one", LIMIT, async () => {
  const steps = pipeline(new InlineExecutor({ maxWorkers: 4 })).step(add).step(double);
  assertEquals(await steps.map([1, 2, 3]), [4, 6, 8]);
  assertEquals(await steps.map([]), []);
  const seen: number[] = [];
  for await (const value of steps.map([1, 2, 3, 4], { ordered: false })) seen.push(value);
  assertEquals(seen.sort((a, b) => a - b), [4, 6, 8, 10]);
});

test("Pipeline.catch() directly behind a step catches its errors, and the next step runs", LIMIT, async () => {
  const errors: unknown[] = [];
  const steps = pipeline(new InlineExecutor()).step(failOdd).catch((error) => {
    errors.push((error as Error).message);
    return 100;
  }).step(add);
  assertEquals(await steps.map([2, 3, 4]), [3, 101, 5]);
  assertEquals(errors, ["3 is odd"]);
});

test("Pipeline.catch() at the end catches the errors of all steps before it", LIMIT, async () => {
  const steps = pipeline(new InlineExecutor()).step(failOdd).step(add).step(failOdd).catch(async (error) => {
    return await Promise.resolve((error as Error).message);
  });
  assertEquals(await steps.run(1), "1 is odd");
  assertEquals(await steps.run(2), "3 is odd");
});

test("Pipeline.catch() that throws rejects with its own error", LIMIT, async () => {
  for (const late of [false, true]) {
    const steps = pipeline(new InlineExecutor()).step(failOdd).catch((error): number | Promise<number> => {
      const wrapped = new Error("wrapped", { cause: error });
      if (late) return Promise.reject(wrapped);
      throw wrapped;
    }).step(add);
    const error = await steps.run(1).exception() as Error;
    assertEquals([error.message, (error.cause as Error).message], ["wrapped", "1 is odd"]);
    assertEquals(await steps.catch((error) => (error as Error).message).run(1), "wrapped");
  }
});

test("Pipeline.map() throws the first error at the position of its result", LIMIT, async () => {
  const steps = pipeline(new InlineExecutor()).step(failOdd).step(double);
  const seen: number[] = [];
  await assertRejects(
    async () => {
      for await (const value of steps.map([2, 4, 5, 6])) seen.push(value);
    },
    RangeError,
    "5 is odd",
  );
  assertEquals(seen, [4, 8]);
});

test("Pipeline steps run on the executor and with the options given", LIMIT, async () => {
  const [one, two] = [new FakeExecutor(), new FakeExecutor()];
  const retry = { maxAttempts: 2 };
  const steps = pipeline(one.executor).step(add).step(double, { executor: two.executor, timeout: 5, retry });
  const future = steps.run(1);
  fulfil(one.tasks[0]!.future, 2);
  assertEquals([two.tasks[0]!.value, one.options, two.options], [2, [], [{ timeout: 5, retry }]]);
  fulfil(two.tasks[0]!.future, 4);
  assertEquals(await future, 4);
});

test("Pipeline.run() returns a future that shows the running task's state", () => {
  const pool = new FakeExecutor();
  const future = pipeline(pool.executor).step(add).run(1);
  const seen: unknown[] = [];
  future.onProgress((value) => seen.push(value));
  reportProgress(pool.tasks[0]!.future, "half");
  assertEquals([seen, future.running, future.cancel()], [["half"], true, false]);
  pool.tasks[0]!.running = false;
  assert(future.cancel());
  assert(future.cancelled);
});

test("Pipeline.run() that is aborted reaches the running task, and starts no further step", async () => {
  const pool = new FakeExecutor();
  const caught: unknown[] = [];
  const future = pipeline(pool.executor).step(add).step(double).catch((error) => caught.push(error)).run(1);
  const reason = new Error("stop");
  future.abort(reason);
  assertStrictEquals(pool.tasks[0]!.reason, reason);
  assertEquals(future.done, false);
  fulfil(pool.tasks[0]!.future, 2);
  assertStrictEquals(await future.exception(), reason);
  assertEquals([pool.tasks.length, caught], [1, []]);
});

test("Pipeline.run() succeeds if its last task returns in spite of an abort", async () => {
  const pool = new FakeExecutor();
  const future = pipeline(pool.executor).step(add).run(1);
  future.abort("stop");
  fulfil(pool.tasks[0]!.future, 2);
  assertEquals(await future, 2);
});

test("Pipeline steps run up to concurrency items, and let up to bufferSize items wait", async () => {
  const [fast, slow] = [new FakeExecutor(), new FakeExecutor()];
  const steps = pipeline(fast.executor).step(add, { concurrency: 2, bufferSize: 1 })
    .step(double, { executor: slow.executor, concurrency: 1, bufferSize: 1 });
  let taken = 0;
  function* source(): Generator<number> {
    for (;;) yield taken++;
  }
  const results = steps.map(source());
  assertEquals([taken, fast.tasks.length], [5, 2]);
  const finish = (pool: FakeExecutor, place: number) => fulfil(pool.tasks[place]!.future, pool.tasks[place]!.value);
  finish(fast, 0);
  finish(fast, 1);
  // One item is in the slow step and one waits for it; the next finished one keeps its place in the fast step.
  assertEquals([fast.tasks.length, slow.tasks.length], [4, 1]);
  finish(fast, 2);
  assertEquals([fast.tasks.length, slow.tasks.length], [4, 1]);
  finish(fast, 3);
  assertEquals([fast.tasks.length, slow.tasks.length], [4, 1]);
  finish(slow, 0);
  // The waiting item takes the free place, and each item behind it moves up.
  assertEquals([fast.tasks.length, slow.tasks.length, taken], [5, 2, 5]);
  const iterator = results[Symbol.asyncIterator]();
  assertEquals((await iterator.next()).value, 0);
  assertEquals(taken, 6);
  const left = iterator.return!();
  for (const pool of [slow, fast]) for (const task of pool.tasks) fulfil(task.future, 0);
  await within("the loop to be left", left);
});

test("Pipeline drops a waiting item that is cancelled or aborted, and frees its place", async () => {
  const pool = new FakeExecutor();
  const steps = pipeline(pool.executor).step(add, { concurrency: 1, bufferSize: 1 });
  const futures = [1, 2, 3, 4].map((n) => steps.run(n));
  assert(futures[1]!.cancel());
  futures[2]!.abort("stop");
  await assertRejects(() => futures[1]!, CancelledError);
  assertEquals(futures[2]!.exceptionNow(), "stop");
  fulfil(pool.tasks[0]!.future, 1);
  assertEquals(pool.tasks.map((task) => task.value), [1, 4]);
  fulfil(pool.tasks[1]!.future, 4);
  assertEquals(await Promise.all([futures[0], futures[3]]), [1, 4]);
});

test("Pipeline closes only executors that it opened, once all items are through", async () => {
  const [given, own] = [new FakeExecutor(), new FakeExecutor()];
  let opened = 0;
  const open = () => {
    opened++;
    return own.executor;
  };
  const steps = pipeline(open).step(add).step(double, { executor: given.executor }).step(add);
  assertEquals(opened, 0);
  const future = steps.run(1);
  let closed = false;
  const closing = steps[Symbol.asyncDispose]().then(() => closed = true);
  assertThrows(() => steps.run(2), InvalidStateError, "was closed");
  fulfil(own.tasks[0]!.future, 2);
  fulfil(given.tasks[0]!.future, 4);
  await microtasks();
  assertEquals(closed, false);
  fulfil(own.tasks[1]!.future, 5);
  await within("the end", closing);
  assertEquals([await future, opened, own.shutdowns, given.shutdowns], [5, 1, 1, 0]);
  await steps[Symbol.asyncDispose]();
  assertEquals(own.shutdowns, 1);
});

test("Pipeline fails an item whose step refuses it", async () => {
  const pool = new InlineExecutor();
  const steps = pipeline(pool).step(add);
  await pool.shutdown();
  await assertRejects(() => steps.run(1), InvalidStateError, "after its shutdown");
  await assertRejects(async () => await steps.map([1]), InvalidStateError);
});

test("Pipeline counts only failures that are not observed", LIMIT, async () => {
  const pool = new InlineExecutor();
  const steps = pipeline(pool).step(failOdd).step(add);
  const [unseen] = [steps.run(1), await steps.catch(() => 0).run(1), await steps.map([3]).then(null, () => {})];
  while (!unseen.done) await null;
  assertEquals(pool.stats().unobserved, 1);
  assertEquals((await unseen.exception() as Error).message, "1 is odd");
  assertEquals(pool.stats().unobserved, 0);
});

test(
  "Pipeline sends thousands of items through five steps, with few of them in progress",
  { timeout: 3 * TEST_LIMIT },
  async () => {
    const items = scaled(2_000, 10_000);
    const pool = new InlineExecutor({ maxWorkers: 2 });
    let steps = pipeline(pool).step(add);
    for (let i = 0; i < 4; i++) steps = steps.step(add);
    let taken = 0, most = 0, sum = 0, count = 0;
    function* source(): Generator<number> {
      for (let i = 0; i < items; i++) {
        taken++;
        yield i;
      }
    }
    const lines = await printed(async () => {
      for await (const value of steps.map(source())) {
        most = Math.max(most, taken - count);
        count++;
        sum += value;
      }
    });
    assertEquals([lines, count, sum], [[], items, items * (items - 1) / 2 + 5 * items]);
    // Five steps, each with four running and four waiting items.
    assert(most <= 41, `${most} items were on the way`);
  },
);

test("Pipeline rejects invalid arguments", () => {
  const pool = new InlineExecutor();
  assertThrows(() => pipeline(5 as never), TypeError, "must be an executor, or a function that creates one");
  assertThrows(() => pipeline(pool).step((() => 1) as never), TypeError, "not a task");
  assertThrows(() => pipeline(pool).step(add, { concurrency: 0 }), RangeError, "'concurrency'");
  assertThrows(() => pipeline(pool).step(add, { bufferSize: -1 }), RangeError, "'bufferSize'");
  assertThrows(() => pipeline(pool).step(add, { executor: 1 as never }), TypeError, "'executor'");
  assertThrows(() => pipeline(pool).step(add, { timeout: -1 }), RangeError, "'timeout'");
  assertThrows(() => pipeline(pool).step(add).catch(1 as never), TypeError, "'fn'");
  assertThrows(() => pipeline(pool).step(add).map([], { bufferSize: 0 }), RangeError, "'bufferSize'");
  assertThrows(() => (pipeline(pool) as never as { run(n: number): void }).run(1), InvalidStateError, "without a step");
});
