// Tests keyed locks that are passed to threads.

import { assert, assertEquals, assertInstanceOf, assertMatch, assertRejects } from "@std/assert";
import {
  AbandonedError,
  Barrier,
  DeadlockError,
  KeyedLock,
  KeyedSemaphore,
  setDeadlockDetection,
  WorkerLostError,
} from "../../mod.ts";
import { kindOf } from "../../src/wire/handles.ts";
import * as tasks from "../fixtures/keyed_tasks.ts";
import { scaled } from "../support/long_run.ts";
import { until, untilStarted, within } from "../support/poll.ts";
import { FORMS, raise, sharedCells, testThreads } from "./threads.ts";

/** The number of keys that are used one after another. */
const COUNT = scaled(20_000, 1_000_000);
const KEYS = ["a", "bb", "a key that is longer than one block of the table has space for, and than two: ä€𝒳".repeat(3)];

for (const form of FORMS) {
  testThreads(`KeyedLock.acquire() excludes threads from each other, key by key (${form})`, 3, async (pool) => {
    const lock = new KeyedLock(), cells = sharedCells(KEYS.length), times = 600;
    const work = [1, 2, 3].map(() => pool.submit(tasks.countKeys, lock, cells, KEYS, times, form));
    for (let i = 0; i < times; i++) {
      await lock.run(KEYS[i % KEYS.length]!, async () => {
        const before = cells[i % KEYS.length]!;
        if (i % 50 === 0) await null;
        cells[i % KEYS.length] = before + 1;
      });
    }
    await within("the threads", Promise.all(work));
    assertEquals([...cells], KEYS.map(() => 4 * times / KEYS.length));
    assertEquals([...lock.keys()], []);
  });

  testThreads(`KeyedSemaphore.acquire() never admits more than its permits (${form})`, 4, async (pool) => {
    const semaphore = new KeyedSemaphore(2), cells = sharedCells(2);
    await Promise.all([1, 2, 3, 4].map(() => pool.submit(tasks.visitKey, semaphore, cells, "a", 300, form)));
    assertEquals([cells[0], cells[1]! <= 2], [0, true]);
    assertEquals([...semaphore.keys()], []);
  });
}

testThreads("KeyedLock that is held and waited for when it is shared stays as it is", 2, async (pool) => {
  const lock = new KeyedLock();
  const permit = await lock.acquire("a");
  const next = lock.acquire("a");
  const waiting = pool.submit(tasks.tryKey, lock, "a", "async");
  await untilStarted(waiting);
  await until("all wait", () => [...lock.keys()][0]!.waiting === 2);
  assertEquals([...lock.keys()], [{ key: "a", holders: ["MainThread"], waiting: 2 }]);
  assertEquals(await pool.submit(tasks.tryKey, lock, "a", "sync", 0), "TimeoutError");
  permit.release();
  (await next).release();
  assertEquals(await waiting, "held");
  assertEquals([...lock.keys()], []);
});

testThreads("KeyedLock.keys() names the thread that holds a key", 1, async (pool) => {
  const lock = new KeyedLock(), go = sharedCells(1);
  const holding = pool.submit(tasks.holdKey, lock, "a", go);
  await untilStarted(holding);
  const [state] = [...lock.keys()];
  assertEquals([state!.key, state!.holders.length, state!.waiting], ["a", 1, 0]);
  assertMatch(state!.holders[0]!, /^(?!MainThread)./);
  raise(go, 0);
  await holding;
  assertEquals([...lock.keys()], []);
});

testThreads("KeyedLock: callers waiting for the keys of a thread that ends get an AbandonedError", 3, async (pool) => {
  const lock = new KeyedLock(), die = sharedCells(1);
  const lost = pool.submit(tasks.dieWithKeys, lock, KEYS, die);
  await untilStarted(lost);
  const others = FORMS.map((form) => pool.submit(tasks.tryKey, lock, KEYS[2]!, form));
  const here = KEYS.map((key) => assertRejects(() => lock.acquire(key), AbandonedError, "died without releasing it"));
  await until("all wait", () => [...lock.keys()].reduce((sum, { waiting }) => sum + waiting, 0) === 5);
  raise(die, 0);
  assertEquals(await within("the others", Promise.all(others)), ["AbandonedError", "AbandonedError"]);
  await within("those here", Promise.all(here));
  assertInstanceOf(await lost.exception(), WorkerLostError);
  for (const key of KEYS) lock.tryAcquire(key)!.release();
  assertEquals(await pool.submit(tasks.tryKey, lock, KEYS[0]!, "sync"), "held");
  assertEquals([...lock.keys()], []);
});

testThreads("KeyedSemaphore: the permits of a thread that ends come back", 2, async (pool) => {
  const semaphore = new KeyedSemaphore(2), die = sharedCells(1);
  const lost = pool.submit(tasks.dieWithKeys, semaphore, ["a", "a"], die);
  await untilStarted(lost);
  const waits = [semaphore.acquire("a"), semaphore.acquire("a")];
  assertEquals([...semaphore.keys()][0]!.holders.length, 2);
  raise(die, 0);
  for (const permit of await within("those who wait", Promise.all(waits))) permit.release();
  await lost.exception();
  assertEquals([...semaphore.keys()], []);
});

testThreads("KeyedLock forgets the keys of a thread that ended though no caller waited", 1, async (pool) => {
  const lock = new KeyedLock(), die = sharedCells(1);
  raise(die, 0);
  await pool.submit(tasks.dieWithKeys, lock, KEYS, die).exception();
  await until("they are forgotten", () => [...lock.keys()].length === 0);
});

testThreads("KeyedLock forgets many keys that two threads use", 1, async (pool) => {
  const lock = new KeyedLock(), stop = sharedCells(1);
  const keys = Array.from({ length: 200 }, (_, i) => `shared ${i}`);
  const churning = pool.submit(tasks.churnKeys, lock, stop, keys);
  for (let i = 0; i < COUNT; i++) lock.acquireSync(i % 10 === 0 ? keys[i % keys.length]! : `key ${i}`).release();
  raise(stop, 0);
  await churning;
  assertEquals([...lock.keys()], []);
  // The table uses few blocks, as the blocks of forgotten keys are reused.
  const { cells } = kindOf(lock)!.share!(lock) as { cells: Int32Array };
  assert(cells[3]! < 128 + 2 ** 14 + 16 * 64, String(cells[3]));
});

for (const sync of [false, true]) {
  testThreads(
    `KeyedLock: a deadlock of two threads is reported with its keys (${sync ? "sync" : "async"})`,
    2,
    async (pool) => {
      setDeadlockDetection(true);
      const lock = new KeyedLock(), gate = new Barrier(2);
      const ends = await Promise.all(
        [["left", "right"], ["right", "left"]].map(([first, second]) =>
          pool.submit(tasks.takeBothKeys, lock, first!, second!, gate, sync).then((value) => value, (error) => error)
        ),
      );
      setDeadlockDetection(false);
      const errors = ends.filter((end) => end !== "both");
      assertEquals(errors.length, 1, String(ends));
      assertInstanceOf(errors[0], DeadlockError);
      assertMatch(
        errors[0].message,
        /^Cannot acquire KeyedLock key "(left|right)": the wait would close a cycle: thread /,
      );
      assertMatch(errors[0].message, /holds KeyedLock key "left" and waits for KeyedLock key "right"/);
      assertEquals([...lock.keys()], []);
    },
  );
}
