// Tests that submitted tasks and started threads run while their caller computes or blocks, before the caller yields.

import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import {
  CancelledError,
  Event,
  Process,
  ProcessPoolExecutor,
  Semaphore,
  SharedQueue,
  Thread,
  ThreadPoolExecutor,
} from "../../mod.ts";
import * as tasks from "../fixtures/blocking_tasks.ts";
import { prepareLater, seePrepared } from "../fixtures/setup_tasks.ts";
import { add, double } from "../fixtures/tasks.ts";
import { type Pool, PROCESSES, testEach, THREADS, WORKERS } from "../support/executors.ts";
import { Folder } from "../support/gate.ts";
import { within } from "../support/poll.ts";
import { POLL_LIMIT, TEST_LIMIT } from "../support/timing.ts";

const LIMIT = { timeout: TEST_LIMIT };

/** Blocks until a cell has a value. */
function blockUntil(cell: Int32Array, value: number): boolean {
  const end = performance.now() + POLL_LIMIT;
  for (let now = Atomics.load(cell, 0); now < value; now = Atomics.load(cell, 0)) {
    if (Atomics.wait(cell, 0, now, end - performance.now()) === "timed-out") return false;
  }
  return true;
}

/** Computes until a condition holds. */
function computeUntil(condition: () => boolean): boolean {
  const end = performance.now() + POLL_LIMIT;
  while (!condition()) if (performance.now() > end) return false;
  return true;
}

function cellOf(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

/** Opens a pool, with its workers ready or not yet started. */
async function poolOf(open: (options: object) => Pool, warm: boolean, maxWorkers = 1, options = {}): Promise<Pool> {
  const pool = open({ maxWorkers, ...options });
  if (!warm) return pool;
  const { path, open: openGate } = new Folder().gate();
  openGate();
  await Promise.all(Array.from({ length: maxWorkers }, () => pool.submit(tasks.touch, path)));
  return pool;
}

for (const warm of [true, false]) {
  const state = warm ? "that is ready" : "that was not started";

  testEach([THREADS], `runs a task on a worker ${state} while its caller blocks`, async ({ open }) => {
    const pool = await poolOf(open, warm);
    const cell = cellOf();
    const future = pool.submit(tasks.raise, cell);
    assert(blockUntil(cell, 1));
    await future;
  });

  testEach([THREADS], `runs tasks on several workers ${state} while their caller computes`, async ({ open }) => {
    const pool = await poolOf(open, warm, 2);
    const cell = cellOf();
    const futures = [1, 2].map(() => pool.submit(tasks.raise, cell));
    assert(computeUntil(() => Atomics.load(cell, 0) === 2));
    await Promise.all(futures);
  });

  testEach(WORKERS, `runs a task on a worker ${state} while its caller computes`, async ({ open, file }) => {
    const pool = await poolOf(open, warm);
    const future = pool.submit(tasks.touch, file("ran"));
    assert(computeUntil(() => existsSync(file("ran"))));
    await future;
  });

  testEach([THREADS], `fills a queue that its caller waits for, on workers ${state}`, async ({ open }) => {
    for (const maxWorkers of [1, 2]) {
      const pool = await poolOf(open, warm, maxWorkers);
      const queue = new SharedQueue<number>();
      const count = 300;
      const futures = Array.from({ length: count }, (_, n) => pool.submit(tasks.putOne, queue, n));
      const got = futures.map(() => queue.getSync({ timeout: POLL_LIMIT }));
      assertEquals(got.sort((a, b) => a - b), Array.from({ length: count }, (_, n) => n));
      await Promise.all(futures);
      assertEquals(pool.stats().completed, warm ? count + maxWorkers : count);
    }
  });

  testEach([THREADS], `wakes its caller from a blocking wait, on a worker ${state}`, async ({ open }) => {
    const pool = await poolOf(open, warm);
    const [semaphore, event] = [new Semaphore(0), new Event()];
    const futures = [1, 2, 3].map(() => pool.submit(tasks.release, semaphore, event));
    event.waitSync({ timeout: POLL_LIMIT });
    semaphore.acquireSync({ count: 3, timeout: POLL_LIMIT })[Symbol.dispose]();
    await Promise.all(futures);
  });
}

testEach([THREADS], "runs the initializer, and then the task, while the caller blocks", async ({ open }) => {
  const pool = open({ maxWorkers: 1, initializer: prepareLater, initArgs: [1, 2] });
  const cell = cellOf();
  const [raised, seen] = [pool.submit(tasks.raise, cell), pool.submit(seePrepared)];
  assert(blockUntil(cell, 1));
  assertEquals([await raised, await seen], [undefined, [1, 2]]);
});

testEach(
  WORKERS,
  "keeps the order and the limits of tasks that were sent before the worker was ready",
  async (stage) => {
    const path = stage.file("log");
    const pool = stage.open({ maxWorkers: 1, maxTasksPerWorker: 2 });
    const workers = await Promise.all([1, 2, 3, 4, 5].map((n) => pool.submit(tasks.mark, path, n)));
    assertEquals([workers, readFileSync(path, "utf8")], [[1, 1, 2, 2, 3], "1\n2\n3\n4\n5\n"]);
    const { completed, failed, queueTime, transferTime, runTime } = pool.stats();
    assertEquals([completed, failed, queueTime.count, transferTime.count, runTime.count], [5, 0, 5, 5, 5]);
  },
);

testEach(WORKERS, "counts a task as waiting that was sent before the worker was ready", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const seen: string[] = [];
  for (const type of ["workerstart", "taskstart", "taskend"] as const) {
    pool.addEventListener(type, (event) => seen.push(event.type));
  }
  const future = pool.submit(double, 1);
  const { waiting, running, workers } = pool.stats();
  assertEquals([waiting, running, workers, future.running], [1, 0, { idle: 0, busy: 0, starting: 1 }, false]);
  assertEquals(await future, 2);
  assertEquals(seen, ["workerstart", "taskstart", "taskend"]);
});

testEach(
  WORKERS,
  "drops a task that was sent before the worker was ready, by cancel, abort and shutdown",
  async (stage) => {
    const path = stage.file("log");
    for (const how of ["cancel", "abort", "shutdown"] as const) {
      const pool = stage.open({ maxWorkers: 1, concurrency: 2 });
      const [first, second] = [pool.submit(tasks.mark, path), pool.submit(tasks.mark, path, "second")];
      if (how === "cancel") assert(first.cancel());
      if (how === "abort") first.abort("stop");
      const closed = how === "shutdown" ? pool.shutdown({ cancelFutures: true }) : undefined;
      if (how === "abort") assertEquals(first.exceptionNow(), "stop");
      else await assertRejects(() => first, CancelledError);
      if (how === "shutdown") assert(second.cancelled);
      else assertEquals(await within("the other task", second), 1);
      await within("the shutdown", closed ?? pool.shutdown());
      assertEquals([pool.stats().waiting, pool.stats().running], [0, 0]);
    }
    assertEquals(readFileSync(path, "utf8"), "second\nsecond\n");
  },
);

testEach([THREADS], "does not cancel a task that has begun before its caller yields", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const cell = cellOf();
  const future = pool.submit(tasks.raise, cell);
  assert(blockUntil(cell, 1));
  assertFalse(future.cancel());
  assertEquals(await future, undefined);
});

testEach(WORKERS, "gives a task to a ready worker rather than a starting one", async (stage) => {
  const pool = stage.open({ maxWorkers: 2 });
  const path = stage.file("log");
  // The second worker starts while the first one is idle.
  const first = pool.submit(tasks.mark, path);
  const more = Array.from({ length: 20 }, () => pool.submit(tasks.mark, path));
  assertEquals((await Promise.all([first, ...more])).length, 21);
  assertEquals(readFileSync(path, "utf8"), "ran\n".repeat(21));
  assertEquals([pool.stats().waiting, pool.stats().running, pool.stats().completed], [0, 0, 21]);
});

for (const Worker of [Thread, Process]) {
  test(`${Worker.name} runs its task while its creator computes`, LIMIT, async () => {
    const folder = new Folder();
    const worker = new Worker(tasks.touch, [folder.file("ran")]).start();
    assert(computeUntil(() => existsSync(folder.file("ran"))));
    await worker.join();
    folder.remove();
  });
}

test("Thread puts into a queue that its creator waits for", LIMIT, async () => {
  const queue = new SharedQueue<number>();
  const thread = new Thread(tasks.putOne, [queue, 7]).start();
  assertEquals(queue.getSync({ timeout: POLL_LIMIT }), 7);
  await thread.join();
});

test("Thread and Process drop a task that is cancelled before its creator yields", LIMIT, async () => {
  for (const Worker of [Thread, Process]) {
    const folder = new Folder();
    const worker = new Worker(tasks.touch, [folder.file("ran")]).start();
    assert(worker.result.cancel());
    await within("its end", worker.join());
    assertFalse(existsSync(folder.file("ran")));
    folder.remove();
  }
});

testEach([THREADS], "runs a task of a pool inside a task that blocks", async ({ open }) => {
  assertEquals(await open({ maxWorkers: 1 }).submit(tasks.blockInside), "ok");
});

test("submit() runs no microtask of its caller before it returns", LIMIT, async () => {
  for (
    const open of [() => new ThreadPoolExecutor({ maxWorkers: 2 }), () => new ProcessPoolExecutor({ maxWorkers: 2 })]
  ) {
    const pool = open();
    let inside = false;
    let intruded = false;
    for (let round = 0; round < 3; round++) {
      const futures = Array.from({ length: 3 }, (_, n) => {
        void Promise.resolve().then(() => intruded ||= inside);
        inside = true;
        const future = pool.submit(add, n, 1);
        inside = false;
        return future;
      });
      assertEquals(await Promise.all(futures), [1, 2, 3]);
    }
    assertFalse(intruded);
    await pool.shutdown();
  }
});

testEach([PROCESSES], "sends the result of a short task before a task behind it blocks", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  for (let i = 0; i < 5; i++) await pool.submit(double, i);
  const futures = Array.from({ length: 40 }, (_, n) => pool.submit(double, n));
  assertEquals(await Promise.all(futures), futures.map((_, n) => 2 * n));
});
