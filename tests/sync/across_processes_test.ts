// Tests primitives that are passed to processes, for which the passing process performs the operations.

import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { after, test } from "node:test";
import {
  AbandonedError,
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  ProcessPoolExecutor,
  RLock,
  RwLock,
  Semaphore,
  type Task,
  WorkerLostError,
} from "../../mod.ts";
import * as tasks from "../fixtures/sync_process_tasks.ts";
import { until } from "../support/poll.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;
const pool = new ProcessPoolExecutor({ maxWorkers: 2 });
after(() => pool.shutdown());

/** Runs a task that kills its process, in a separate pool: three such deaths in a row would break the shared one. */
function die<A extends unknown[]>(task: Task<A, Promise<void>>, ...args: NoInfer<A>): Promise<unknown> {
  const doomed = new ProcessPoolExecutor({ maxWorkers: 1 });
  const lost = doomed.submit(task, ...args).exception();
  return lost.finally(() => doomed.shutdown());
}

test("Lock.run() excludes processes from each other", { timeout }, async () => {
  const lock = new Lock();
  let inside = 0;
  const here = async () => {
    for (let i = 0; i < 50; i++) {
      await lock.run(async () => {
        assertEquals(++inside, 1);
        await null;
        inside--;
      });
    }
  };
  const [one, two] = await Promise.all([
    pool.submit(tasks.enter, lock, 50),
    pool.submit(tasks.enter, lock, 50),
    here(),
  ]);
  assertEquals([one, two, lock.locked], [50, 50, false]);
});

test("Lock.acquire() in a process holds the lock until its permit is released, once", { timeout }, async () => {
  const lock = new Lock(), has = new Event(), go = new Event();
  const future = pool.submit(tasks.keep, lock, has, go);
  await has.wait();
  assert(lock.locked);
  assertEquals(lock.tryAcquire(), undefined);
  const next = lock.acquire();
  go.set();
  assertEquals(await future, "released");
  const permit = await next;
  assert(lock.locked);
  permit.release();
  assert(!lock.locked);
});

for (const [name, make] of [["Lock", () => new Lock()], ["RLock", () => new RLock()]] as const) {
  test(`${name}.acquire() rejects with AbandonedError when the process that holds it dies`, { timeout }, async () => {
    const lock = make();
    const has = new Event(), go = new Event();
    const lost = die(tasks.dieWith, lock, has, go);
    await has.wait();
    const waits = [1, 2].map(() => lock.acquire().then(() => undefined, (error) => error));
    go.set();
    const errors = await Promise.all(waits);
    for (const error of errors) assertInstanceOf(error, AbandonedError);
    assertInstanceOf(await lost, WorkerLostError);
    (await lock.acquire()).release();
    assert(!lock.locked);
  });
}

test("RwLock.acquireRead() rejects with AbandonedError when the process that writes dies", { timeout }, async () => {
  const lock = new RwLock();
  const has = new Event(), go = new Event();
  const lost = die(tasks.dieWriting, lock, has, go);
  await has.wait();
  const wait = lock.acquireRead().then(() => undefined, (error) => error);
  go.set();
  assertInstanceOf(await wait, AbandonedError);
  assertInstanceOf(await lost, WorkerLostError);
  (await lock.acquireWrite()).release();
});

test("Semaphore gets the permits of a dead process back", { timeout }, async () => {
  const semaphore = new Semaphore(2);
  const has = new Event(), go = new Event();
  go.set();
  assertInstanceOf(await die(tasks.dieWith, semaphore, has, go), WorkerLostError);
  await until("the permit is back", () => semaphore.available === 2);
});

test("Semaphore.resize() in a process sets how many permits there are", { timeout }, async () => {
  const semaphore = new Semaphore(1), permit = await semaphore.acquire(), next = semaphore.acquire();
  await pool.submit(tasks.resize, semaphore, 2);
  (await next).release();
  permit.release();
  assertEquals(semaphore.available, 2);
});

test("Semaphore removes a process that dies while waiting from its wait queue", { timeout }, async () => {
  const semaphore = new Semaphore(1), begun = new Event();
  const permit = await semaphore.acquire();
  const lost = die(tasks.dieWaiting, semaphore, begun);
  await begun.wait();
  const mine = semaphore.acquire();
  assertInstanceOf(await lost, WorkerLostError);
  permit.release();
  (await mine).release();
  assertEquals(semaphore.available, 1);
});

test("Semaphore.acquire() in a process keeps its limits and leaves nothing", { timeout }, async () => {
  const semaphore = new BoundedSemaphore(1);
  const permit = await semaphore.acquire();
  assertEquals((await pool.submit(tasks.failure, semaphore, "timeout")).split(":")[0], "TimeoutError");
  assertEquals((await pool.submit(tasks.failure, semaphore, "never")).split(":")[0], "TimeoutError");
  assertEquals(await pool.submit(tasks.failure, semaphore, "abort"), "Error: enough");
  assertEquals((await pool.submit(tasks.failure, semaphore, "count")).split(":")[0], "RangeError");
  assertEquals((await pool.submit(tasks.failure, semaphore, "inherited")).split(":")[0], "TimeoutError");
  assert((await pool.submit(tasks.failure, semaphore, "typo")).endsWith('"timout", did you mean "timeout"?'));
  permit.release();
  assertEquals(semaphore.available, 1);
  (await semaphore.acquire({ timeout: 0 })).release();
});

test("Synchronous methods throw InvalidStateError in a process", { timeout }, async () => {
  const names = await pool.submit(tasks.refusals, new Lock(), new Semaphore(1), new Event());
  assertEquals(new Set(names), new Set(["InvalidStateError"]));
});

test("Condition.wait() in a process is notified by its owner", { timeout }, async () => {
  for (const lock of [new Lock(), new RLock()]) {
    const condition = new Condition(lock), waiting = new Event();
    const future = pool.submit(tasks.waitForNotice, condition, waiting);
    await waiting.wait();
    await condition.run(() => condition.notify());
    assertEquals(await future, "notified");
    assert(!condition.locked);
  }
});

test("Barrier.wait() synchronizes processes and this loop", { timeout }, async () => {
  const barrier = new Barrier(3), rounds = 5;
  const here = async () => {
    const places: number[] = [];
    for (let round = 0; round < rounds; round++) places.push(await barrier.wait());
    return places;
  };
  const all = await Promise.all([
    pool.submit(tasks.meet, barrier, rounds),
    pool.submit(tasks.meet, barrier, rounds),
    here(),
  ]);
  for (let round = 0; round < rounds; round++) {
    assertEquals(all.map((places) => places[round]!).sort(), [0, 1, 2]);
  }
});

test("RLock.run() in a process is reentrant, and excludes other calls of that process", { timeout }, async () => {
  assertEquals(await pool.submit(tasks.again, new RLock()), 1);
});

test("A primitive is one object in a process, and returns as the same object", { timeout }, async () => {
  const lock = new Lock();
  assert(await pool.submit(tasks.same, lock, { lock }));
  assertStrictEquals(await pool.submit(tasks.giveBack, lock), lock);
});
