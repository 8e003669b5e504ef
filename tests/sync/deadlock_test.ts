// The detection of deadlocks across threads.

import { assert, assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert";
import { after, test } from "node:test";
import {
  Barrier,
  DeadlockError,
  Lock,
  RLock,
  setDeadlockDetection,
  ThreadPoolExecutor,
  TimeoutError,
} from "../../mod.ts";
import { takeBoth } from "../fixtures/deadlock_tasks.ts";
import { LONG, SHORT, SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;
const pool = new ThreadPoolExecutor({ maxWorkers: 3 });
after(() => pool.shutdown());

/** Lets so many threads take two neighbouring locks of a circle. */
async function dine(locks: readonly (Lock | RLock)[], sync: boolean, limit: number): Promise<unknown[]> {
  const gate = new Barrier(locks.length);
  const ends = locks.map((lock, i) => pool.submit(takeBoth, lock, locks[(i + 1) % locks.length]!, gate, sync, limit));
  return await Promise.all(ends.map((end) => end.then((value) => value, (error) => error)));
}

for (const sync of [false, true]) {
  for (const [name, make] of [["Lock", () => new Lock()], ["RLock", () => new RLock()]] as const) {
    for (const count of [2, 3]) {
      const form = sync ? "acquireSync" : "acquire";
      test(`${name}.${form}() names the cycle that ${count} threads would close`, { timeout }, async () => {
        setDeadlockDetection(true);
        const locks = Array.from({ length: count }, (): Lock | RLock => make());
        const ends = await dine(locks, sync, LONG);
        const errors = ends.filter((end) => end !== "both");
        // The others go on waiting, and can go on once that one has released what it holds.
        assertEquals(errors.length, 1, String(ends));
        for (const error of errors) {
          assertInstanceOf(error, DeadlockError);
          const steps = error.message.match(/thread \d+ holds lock \d+ and waits for \d+/g);
          assertEquals(steps?.length, count, error.message);
        }
        assert(locks.every((lock) => !lock.locked));
        setDeadlockDetection(false);
      });
    }
  }
}

test("setDeadlockDetection(false) leaves a deadlock to its limits", { timeout }, async () => {
  setDeadlockDetection(false);
  const ends = await dine([new Lock(), new Lock()], false, SHORT);
  assert(ends.some((end) => end instanceof TimeoutError), String(ends));
});

test("setDeadlockDetection() sees that a thread blocks itself, but not that its loop waits", async () => {
  setDeadlockDetection(true);
  const lock = new Lock();
  const permit = lock.acquireSync();
  assertMatch(
    assertThrows(() => lock.acquireSync(), DeadlockError).message,
    /thread 1 holds lock \d+ and waits for \d+/,
  );
  const next = lock.acquire();
  permit.release();
  (await next).release();
  assert(!lock.locked);
  setDeadlockDetection(false);
});

test("setDeadlockDetection() takes a boolean", () => {
  assertThrows(() => setDeadlockDetection("yes" as never), TypeError);
});
