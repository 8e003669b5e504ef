// Tests Lock, RLock, the semaphores and RwLock in several threads.

import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { BoundedSemaphore, InvalidStateError, Lock, RLock, RwLock, Semaphore } from "../../mod.ts";
import * as tasks from "../fixtures/sync_tasks.ts";
import { until, untilStarted, within } from "../support/poll.ts";
import { SHORT, SLOW_TEST_LIMIT } from "../support/timing.ts";
import { FORMS, raise, sharedCells, testThreads } from "./threads.ts";

const EXCLUSIVE: readonly [string, () => tasks.Holdable][] = [
  ["Lock", () => new Lock()],
  ["RLock", () => new RLock()],
  ["Semaphore", () => new Semaphore()],
  ["BoundedSemaphore", () => new BoundedSemaphore()],
];

for (const [name, make] of EXCLUSIVE) {
  testThreads(`${name} lets one of four threads in at a time, in either form`, 4, async (pool) => {
    const lock = make();
    const cells = sharedCells(2);
    const futures = [...FORMS, ...FORMS].map((form) => pool.submit(tasks.count, lock, cells, 1000, form));
    await within("all", Promise.all(futures), SLOW_TEST_LIMIT);
    assertEquals([cells[0], lock.tryAcquire() !== undefined], [4000, true]);
  });

  testThreads(`${name} lets one of four threads and this one in at a time`, 4, async (pool) => {
    const lock = make();
    const cells = sharedCells(2);
    const futures = [...FORMS, ...FORMS].map((form) => pool.submit(tasks.count, lock, cells, 300, form));
    for (let i = 0; i < 300; i++) {
      const permit = i % 2 === 0 ? await lock.acquire() : lock.acquireSync();
      cells[0]!++;
      permit.release();
    }
    await within("all", Promise.all(futures), SLOW_TEST_LIMIT);
    assertEquals(cells[0], 1500);
  });

  testThreads(
    `${name} held by this thread excludes five others, and then serves each once`,
    5,
    async (pool) => {
      const lock = make();
      const cells = sharedCells(4);
      const permit = lock.tryAcquire()!;
      const futures = Array.from({ length: 5 }, (_, i) => pool.submit(tasks.visit, lock, cells, 1, FORMS[i % 2]!));
      await until("all are there", () => pool.stats().running === 5);
      assertEquals([...cells], [0, 0, 0, 0]);
      permit.release();
      await within("all", Promise.all(futures));
      assertEquals([...cells.subarray(0, 3)], [0, 1, 5]);
    },
  );

  testThreads(
    `${name} held by another thread fails tryAcquire(), times out, and can be waited for`,
    1,
    async (pool) => {
      const lock = make();
      const cells = sharedCells(1);
      const future = pool.submit(tasks.hold, lock, cells);
      await untilStarted(future);
      assertEquals(lock.tryAcquire(), undefined);
      assertThrows(() => lock.acquireSync({ timeout: SHORT }), Error, `within ${SHORT} ms`);
      const waiting = lock.acquire();
      raise(cells, 0);
      (await within("the lock", waiting)).release();
      await future;
    },
  );
}

testThreads("RLock can be acquired again by its owner after others have waited for long", 2, async (pool) => {
  const lock = new RLock();
  const permit = await lock.acquire();
  const others = FORMS.map((form) => pool.submit(tasks.tryToHold, lock, form));
  await untilStarted(...others);
  const start = performance.now();
  // Longer than the time after which a waiter reserves the next turn.
  await until("they have waited", () => performance.now() > start + 3 * SHORT);
  lock.acquireSync({ timeout: 1000 }).release();
  (await lock.acquire({ timeout: 1000 })).release();
  lock.tryAcquire()!.release();
  permit.release();
  assertEquals(await within("the others", Promise.all(others)), ["held", "held"]);
});

testThreads(
  "RLock.release() by another thread throws InvalidStateError; the owner keeps the lock's depth",
  1,
  async (pool) => {
    const lock = new RLock();
    const cells = sharedCells(1);
    const future = pool.submit(tasks.hold, lock, cells, 3);
    await untilStarted(future);
    assertThrows(() => lock.release(), InvalidStateError);
    assertEquals([lock.locked, lock.tryAcquire()], [true, undefined]);
    raise(cells, 0);
    await within("the owner", future);
    assertEquals(lock.locked, false);
  },
);

testThreads(
  "Lock.release() by another thread frees the lock, and the old permit does not release the next holder's",
  1,
  async (pool) => {
    const lock = new Lock();
    const cells = sharedCells(1);
    const future = pool.submit(tasks.hold, lock, cells);
    await untilStarted(future);
    lock.release();
    const permit = lock.tryAcquire()!;
    raise(cells, 0);
    await within("the holder", future);
    assertEquals([lock.locked, lock.tryAcquire()], [true, undefined]);
    permit.release();
    assertEquals(lock.locked, false);
  },
);

for (const Kind of [Semaphore, BoundedSemaphore]) {
  testThreads(`${Kind.name} of 5 never has more than 5 of 23 tasks inside`, 23, async (pool) => {
    const semaphore = new Kind(5);
    const cells = sharedCells(4);
    // Use enough visits for the second thread to be ready before the first thread has finished.
    const futures = Array.from({ length: 23 }, (_, i) => pool.submit(tasks.visit, semaphore, cells, 60, FORMS[i % 2]!));
    await within("all", Promise.all(futures), SLOW_TEST_LIMIT);
    const [inside, most, visits] = cells;
    assertEquals([inside, visits, semaphore.available], [0, 23 * 60, 5]);
    assert(most! > 1 && most! <= 5, `${most} inside`);
  });
}

testThreads("Semaphore.release() wakes as many waiters in other threads as permits it adds", 3, async (pool) => {
  const semaphore = new Semaphore(0);
  const futures = [...FORMS, "sync" as const].map((form) => pool.submit(tasks.tryToHold, semaphore, form));
  await untilStarted(...futures);
  semaphore.release();
  assertEquals(await within("all", Promise.all(futures)), ["held", "held", "held"]);
  assertEquals(semaphore.available, 1);
});

testThreads(
  "Semaphore.acquire() of many permits is served despite frequent small requests in other threads",
  3,
  async (pool) => {
    const semaphore = new Semaphore(3);
    const cells = sharedCells(4);
    const light = FORMS.map((form) => pool.submit(tasks.visit, semaphore, cells, 300, form));
    await until("there is traffic", () => cells[2]! > 10);
    const heavy = await within("the heavy one", semaphore.acquire({ count: 3 }));
    const before = cells[2]!;
    assert(before < 600, "the traffic was over");
    assertEquals([cells[0], semaphore.available], [0, 0]);
    heavy.release();
    await within("the light ones", Promise.all(light), SLOW_TEST_LIMIT);
    assertEquals(semaphore.available, 3);
  },
);

testThreads("RwLock never has a writer together with others, in either form", 4, async (pool) => {
  const lock = new RwLock();
  const cells = sharedCells(3);
  const futures = [...FORMS, ...FORMS].map((form) => pool.submit(tasks.readAndWrite, lock, cells, 800, form));
  assertEquals(await within("all", Promise.all(futures), SLOW_TEST_LIMIT), [0, 0, 0, 0]);
  assertEquals([...cells.subarray(0, 2)], [800, 800]);
  assertEquals([lock.readers, lock.writing], [0, false]);
});

testThreads("RwLock.acquireWrite() in one thread is served despite frequent readers in others", 2, async (pool) => {
  const lock = new RwLock();
  const cells = sharedCells(3);
  const reads = FORMS.map((form) => pool.submit(tasks.readAndWrite, lock, cells, 2000, form));
  for (let i = 0; i < 20; i++) {
    const permit = await within("the writer", lock.acquireWrite());
    assertEquals([lock.readers, lock.writing], [0, true]);
    permit.release();
  }
  assertEquals(await within("the others", Promise.all(reads), SLOW_TEST_LIMIT), [0, 0]);
});

testThreads("A primitive that is passed twice to a thread is one object there", 1, async (pool) => {
  for (const one of [new Lock(), new RLock(), new Semaphore(2), new BoundedSemaphore(2), new RwLock()]) {
    const value = { a: one, list: [1, one], deep: { map: new Map<string, unknown>([["x", one]]) } };
    const [same, inList, inMap] = await pool.submit(tasks.sameObjects, value, one);
    assertEquals([same, inList, inMap], [true, true, true]);
    assertEquals([await pool.submit(tasks.isKept, one), await pool.submit(tasks.isKept, new Lock())], [true, false]);
  }
});

testThreads("A primitive that returns from a thread is the same object", 1, async (pool) => {
  const lock = new Lock();
  const answer = await pool.submit(tasks.give, lock) as { back: unknown; fresh: Semaphore };
  assertStrictEquals(answer.back, lock);
  // A primitive that a thread has made works here, and in the thread again.
  assertEquals(answer.fresh.available, 1);
  const permit = answer.fresh.tryAcquire()!;
  const future = pool.submit(tasks.tryToHold, answer.fresh, "sync");
  await untilStarted(future);
  permit.release();
  assertEquals([await within("the thread", future), answer.fresh.available], ["held", 1]);
});
