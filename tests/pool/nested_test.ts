// Tests tasks that submit to the executor they run in, and wait for the result. Only an executor in the same loop can
// be reached by its tasks.

import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { delay } from "@std/async";
import { asCompleted, DeadlockError, type Future, inline, InlineExecutor, wait } from "../../mod.ts";
import { microtasks } from "../futures/fake_source.ts";
import { until, within } from "../support/poll.ts";
import { TEST_LIMIT } from "../support/timing.ts";

const LIMIT = { timeout: TEST_LIMIT };
const double = inline((n: number) => 2 * n);

/** All ways to wait for other tasks. */
const WAYS: Record<string, (pool: InlineExecutor) => Promise<number>> = {
  "await": async (pool) => await pool.submit(double, 21),
  "then()": (pool) => pool.submit(double, 21).then((value) => value),
  "result({ timeout })": (pool) => pool.submit(double, 21).result({ timeout: TEST_LIMIT }),
  "exception()": async (pool) => await pool.submit(double, 1).exception() === undefined ? 42 : 0,
  "await map()": async (pool) => (await pool.map(double, [10, 11])).reduce((a, b) => a + b),
  "for await of map()": async (pool) => {
    let sum = 0;
    for await (const value of pool.map(double, [10, 11], { ordered: false })) sum += value;
    return sum;
  },
  "wait()": async (pool) => [...(await wait([pool.submit(double, 21)])).done][0]!.resultNow(),
  "asCompleted()": async (pool) => {
    for await (const future of asCompleted([pool.submit(double, 21)])) return await future;
    return 0;
  },
  "thenSubmit()": async (pool) => await pool.submit(double, 10).thenSubmit(pool, inline((n: number) => n + 22)),
  "Promise.all()": async (pool) =>
    (await Promise.all([10, 11].map((n) => pool.submit(double, n)))).reduce((a, b) => a + b),
};

for (const [name, way] of Object.entries(WAYS)) {
  test(`InlineExecutor with one worker runs a task that another awaits by ${name}`, LIMIT, async () => {
    const pool = new InlineExecutor({ maxWorkers: 1 });
    assertEquals(await within("the nested task", pool.submit(inline(() => way(pool)))), 42);
    assertEquals(await within("the next task", pool.submit(double, 1)), 2);
    await pool.shutdown();
  });
}

test("InlineExecutor runs nested waits a hundred levels deep", LIMIT, async () => {
  const pool = new InlineExecutor({ maxWorkers: 1 });
  const down = inline(async (depth: number): Promise<number> => {
    return depth === 0 ? 0 : 1 + await (pool.submit(down, depth - 1) as Future<number>);
  });
  assertEquals(await within("the deepest task", pool.submit(down, 100)), 100);
  await pool.shutdown();
});

test("InlineExecutor with two workers runs nested waits of both", LIMIT, async () => {
  const pool = new InlineExecutor({ maxWorkers: 2 });
  const nested = inline(async (n: number) => await pool.submit(double, n));
  assertEquals(await within("both", pool.map(nested, [1, 2, 3, 4])), [2, 4, 6, 8]);
  await pool.shutdown();
});

test("InlineExecutors with one worker each run tasks that wait for the other executor", LIMIT, async () => {
  const [a, b] = [new InlineExecutor({ maxWorkers: 1 }), new InlineExecutor({ maxWorkers: 1 })];
  const started: string[] = [];
  const ask = (name: string, other: InlineExecutor) =>
    inline(async (n: number) => {
      started.push(name);
      await until("both have started", () => started.length === 2);
      return await other.submit(double, n);
    });
  const both = Promise.all([a.submit(ask("a", b), 1), b.submit(ask("b", a), 2)]);
  assertEquals(await within("both", both), [2, 4]);
  await Promise.all([a.shutdown(), b.shutdown()]);
});

test("InlineExecutor runs one other task at a time for each waiting task", LIMIT, async () => {
  const pool = new InlineExecutor({ maxWorkers: 1 });
  let active = 0, most = 0;
  const job = inline(async (n: number) => {
    most = Math.max(most, ++active);
    await delay(1);
    active--;
    return n;
  });
  const outer = inline(async () => {
    const all = await Promise.all([1, 2, 3, 4].map((n) => pool.submit(job, n)));
    await pool.submit(job, 5).result({ timeout: 0 }).catch(() => {});
    return all;
  });
  assertEquals(await within("the outer task", pool.submit(outer)), [1, 2, 3, 4]);
  assertEquals(await within("the others", pool.map(job, [6, 7, 8])), [6, 7, 8]);
  assertEquals(most, 1);
  await pool.shutdown();
});

test("InlineExecutor ends the compensation for a task that ended while waiting", LIMIT, async () => {
  const pool = new InlineExecutor({ maxWorkers: 1, grace: 0 });
  let open!: Future<number>;
  const outer = pool.submit(inline(async () => {
    open = pool.submit(inline(() => new Promise<number>(() => {})));
    open.then(() => {}, () => {});
    await until("it runs", () => open.running);
  }));
  await within("the outer task", outer);
  let active = 0, most = 0;
  const job = inline(async () => {
    most = Math.max(most, ++active);
    await delay(1);
    active--;
  });
  const rest = [1, 2, 3].map(() => pool.submit(job));
  await microtasks();
  assertEquals([most, pool.stats().waiting], [0, 3]);
  open.abort();
  await within("the others", Promise.all(rest));
  assertEquals(most, 1);
  await pool.shutdown();
});

test("InlineExecutor rejects a task that waits for itself", LIMIT, async () => {
  const pool = new InlineExecutor({ maxWorkers: 1 });
  const mine: Future<number> = pool.submit(inline(async (): Promise<number> => await mine));
  const error = await assertRejects(() => within("the refusal", mine), DeadlockError);
  assertEquals(error.message, "Cannot wait in task 'anonymous' for the task itself: the wait would never end");
  assertEquals(await pool.submit(double, 1), 2);
  await pool.shutdown();
});

test("InlineExecutor rejects only the wait that would close a cycle", LIMIT, async () => {
  const [a, b] = [new InlineExecutor({ maxWorkers: 1 }), new InlineExecutor({ maxWorkers: 1 })];
  const futures: Future<unknown>[] = [];
  const first = inline(async function first() {
    await until("both are there", () => futures.length === 2);
    return await futures[1];
  });
  const second = inline(async function second() {
    await until("both are there", () => futures.length === 2);
    return await futures[0];
  });
  futures.push(a.submit(first), b.submit(second));
  const errors = await within("both", Promise.all(futures.map((future) => future.exception())));
  for (const error of errors) assertEquals((error as Error).name, "DeadlockError");
  const message = (errors[0] as Error).message;
  assertEquals(
    /Cannot wait in task '(first|second)' for task '(first|second)', which waits for this one/.test(message),
    true,
  );
  await Promise.all([a.shutdown(), b.shutdown()]);
});
