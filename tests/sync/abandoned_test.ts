// Tests primitives whose holder's or waiter's thread ends.

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import {
  AbandonedError,
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  Condition,
  type Future,
  Lock,
  type Permit,
  RLock,
  RwLock,
  Semaphore,
  type ThreadPoolExecutor,
  WorkerLostError,
} from "../../mod.ts";
import * as deaths from "../fixtures/sync_deaths.ts";
import * as tasks from "../fixtures/sync_tasks.ts";
import { until, untilStarted, within } from "../support/poll.ts";
import { SHORT } from "../support/timing.ts";
import { FORMS, raise, sharedCells, testThreads } from "./threads.ts";

/** A lock that one thread holds, and the ways in which others wait for it. */
interface Kind {
  readonly name: string;
  make(): tasks.Holdable | RwLock;
  readonly how?: "read" | "write";
  /** How the threads wait that are present when the holder dies. */
  readonly waiters: readonly ("read" | "write" | undefined)[];
}

const KINDS: readonly Kind[] = [
  { name: "Lock", make: () => new Lock(), waiters: [undefined] },
  { name: "RLock", make: () => new RLock(), waiters: [undefined] },
  { name: "RwLock of a writer", make: () => new RwLock(), how: "write", waiters: ["read", "write"] },
];

function acquire(lock: tasks.Holdable | RwLock, how: "read" | "write" | undefined): Promise<Permit> {
  if (how === undefined) return (lock as tasks.Holdable).acquire();
  return how === "read" ? (lock as RwLock).acquireRead() : (lock as RwLock).acquireWrite();
}

function isFree(lock: tasks.Holdable | RwLock): boolean {
  const permit = lock instanceof RwLock ? lock.tryAcquireWrite() : lock.tryAcquire();
  permit?.release();
  return permit !== undefined;
}

/** Starts a task that holds a lock, and dies when `die()` is called. */
async function holder(
  pool: ThreadPoolExecutor,
  ...args: Parameters<typeof deaths.dieHolding>
): Promise<{ die(): void; lost: Future<never> }> {
  const lost = pool.submit(deaths.dieHolding, ...args);
  await untilStarted(lost);
  return { die: () => raise(args[1], 0), lost };
}

async function assertLost(future: Future<unknown>): Promise<void> {
  assertInstanceOf(await within("the loss", future.exception()), WorkerLostError);
}

for (const { name, make, how, waiters } of KINDS) {
  testThreads(
    `${name}: all waiters get an AbandonedError when the holder's thread ends, then the lock is free`,
    5,
    async (pool) => {
      const lock = make();
      const { die, lost } = await holder(pool, lock, sharedCells(1), how);
      const others = waiters.flatMap((way) => FORMS.map((form) => pool.submit(tasks.tryToHold, lock, form, way)));
      const here = waiters.map((way) => assertRejects(() => acquire(lock, way), AbandonedError));
      await untilStarted(...others);
      const start = performance.now();
      await until("they have waited", () => performance.now() > start + SHORT);
      die();
      const ends = await within("the others", Promise.all(others));
      assertEquals([...new Set(ends)], ["AbandonedError"]);
      const errors = await within("those here", Promise.all(here));
      assert(errors.every(({ message }) => message.includes("died without releasing it")), errors[0]?.message);
      await assertLost(lost);
      assertEquals(isFree(lock), true);
      const next = waiters.map((way) => pool.submit(tasks.tryToHold, lock, "sync", way));
      assertEquals([...new Set(await within("the next", Promise.all(next)))], ["held"]);
    },
  );

  testThreads(`${name}: can be acquired if no wait was pending when its holder's thread ended`, 1, async (pool) => {
    const lock = make();
    for (let round = 0; round < 3; round++) {
      const { die, lost } = await holder(pool, lock, sharedCells(1), how);
      die();
      await assertLost(lost);
      // The next acquire gets an AbandonedError or the lock, but never waits in vain.
      const first = pool.submit(tasks.tryToHold, lock, "async", waiters[0]);
      const end = await within("the first", first);
      assert(end === "held" || end === "AbandonedError", end);
      assertEquals(isFree(lock), true);
    }
  });

  testThreads(
    `${name}: can be acquired by a thread that receives it after its holder's thread ended`,
    1,
    async (pool) => {
      const lock = make();
      const { die, lost } = await holder(pool, lock, sharedCells(1), how);
      die();
      await assertLost(lost);
      // Do not use the lock in this thread before the other thread does.
      const end = await within("the other", pool.submit(tasks.tryToHold, lock, "sync", waiters[0]));
      assert(end === "held" || end === "AbandonedError", end);
      assertEquals(await within("the next", pool.submit(tasks.tryToHold, lock, "sync", waiters[0])), "held");
    },
  );
}

for (const Kind of [Semaphore, BoundedSemaphore]) {
  testThreads(`${Kind.name}: the permits of a thread that ended return to the waiters`, 3, async (pool) => {
    const semaphore = new Kind(2);
    const here = await semaphore.acquire();
    const { die, lost } = await holder(pool, semaphore, sharedCells(1));
    assertEquals(semaphore.available, 0);
    const others = FORMS.map((form) => pool.submit(tasks.tryToHold, semaphore, form));
    const mine = semaphore.acquire();
    await untilStarted(...others);
    die();
    (await within("this thread", mine)).release();
    assertEquals(await within("the others", Promise.all(others)), ["held", "held"]);
    await assertLost(lost);
    assertEquals(semaphore.available, 1);
    here.release();
    assertEquals(semaphore.available, 2);
  });
}

for (const Kind of [Semaphore, BoundedSemaphore]) {
  testThreads(`${Kind.name}.resize() holds in all threads, and for the permits of one that ended`, 3, async (pool) => {
    const semaphore = new Kind(2);
    const { die, lost } = await holder(pool, semaphore, sharedCells(1));
    const mine = await semaphore.acquire();
    const other = pool.submit(tasks.tryToHold, semaphore, "sync");
    await untilStarted(other);
    await pool.submit(tasks.resize, semaphore, 3);
    assertEquals(await within("the other", other), "held");
    assertEquals(semaphore.available, 1);
    await pool.submit(tasks.resize, semaphore, 1);
    assertEquals(semaphore.available, 0);
    die();
    await assertLost(lost);
    assertEquals([semaphore.available, semaphore.tryAcquire()], [0, undefined]);
    mine.release();
    assertEquals(semaphore.available, 1);
  });
}

testThreads(
  "BoundedSemaphore: permits that others released for a thread do not return a second time when it ends",
  1,
  async (pool) => {
    const semaphore = new BoundedSemaphore(2);
    const { die, lost } = await holder(pool, semaphore, sharedCells(1));
    semaphore.release();
    assertEquals(semaphore.available, 2);
    die();
    await assertLost(lost);
    assertEquals(semaphore.available, 2);
    assertEquals(semaphore.tryAcquire(2) !== undefined && semaphore.tryAcquire() === undefined, true);
  },
);

testThreads("RwLock: the reads of a thread end with it", 2, async (pool) => {
  const lock = new RwLock();
  const reader = await lock.acquireRead();
  const { die, lost } = await holder(pool, lock, sharedCells(1), "read");
  assertEquals(lock.readers, 2);
  const other = pool.submit(tasks.tryToHold, lock, "sync", "write");
  await untilStarted(other);
  die();
  await assertLost(lost);
  await until("one reads", () => lock.readers === 1);
  reader.release();
  assertEquals(await within("the writer", other), "held");
});

testThreads("Barrier: breaks when a waiting thread ends", 3, async (pool) => {
  const barrier = new Barrier(5);
  const cells = sharedCells(1);
  const lost = pool.submit(deaths.dieAtBarrier, barrier, cells);
  const others = FORMS.map((form) => pool.submit(tasks.waitAtBarrier, barrier, form));
  const here = assertRejects(() => barrier.wait(), BrokenBarrierError);
  await until("all wait", () => barrier.waiting === 4);
  raise(cells, 0);
  assertEquals(await within("the others", Promise.all(others)), ["BrokenBarrierError", "BrokenBarrierError"]);
  await within("this thread", here);
  await assertLost(lost);
  assertEquals(barrier.broken, true);
});

testThreads("Barrier: does not break when a thread ends after its round", 2, async (pool) => {
  const barrier = new Barrier(2);
  const cells = sharedCells(1);
  const lost = pool.submit(deaths.dieAtBarrier, barrier, cells);
  await until("it waits", () => barrier.waiting === 1);
  assertEquals(await barrier.wait(), 0);
  raise(cells, 0);
  await assertLost(lost);
  const other = pool.submit(tasks.waitAtBarrier, barrier, "sync");
  await until("the other waits", () => barrier.waiting === 1);
  assertEquals([await barrier.wait(), await within("the other", other), barrier.broken], [0, "place 1", false]);
});

testThreads("Condition: a thread that ends while waiting leaves the wait queue", 3, async (pool) => {
  for (let round = 0; round < 3; round++) {
    const condition = new Condition();
    const cells = sharedCells(3);
    const lost = pool.submit(deaths.dieWaiting, condition, cells);
    await until("it waits", () => cells[0] === 1 && !condition.locked);
    const live = FORMS.map((form) => pool.submit(tasks.waitToBeNotified, condition, cells, form));
    await until("all wait", () => cells[0] === 3 && !condition.locked);
    raise(cells, 2);
    await assertLost(lost);
    await condition.run(() => condition.notify(2));
    assertEquals(await within("the live ones", Promise.all(live)), ["notified", "notified"]);
  }
});

testThreads("Condition: a notified waiter gets an AbandonedError if the thread with the lock ends", 2, async (pool) => {
  const lock = new Lock();
  const condition = new Condition(lock);
  const cells = sharedCells(2);
  const waiting = pool.submit(tasks.waitToBeNotified, condition, cells, "sync");
  await until("it waits", () => cells[0] === 1 && !lock.locked);
  const stop = sharedCells(1);
  const lost = pool.submit(deaths.dieNotifying, condition, stop);
  await untilStarted(lost);
  raise(stop, 0);
  assertEquals(await within("the waiter", waiting), "AbandonedError");
  await assertLost(lost);
  assertEquals(lock.locked, false);
});
