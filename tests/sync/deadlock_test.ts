// Tests the detection of deadlocks across threads.

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
import { noteName } from "../../src/core/thread_names.ts";
import { lockNumber, noteHolder, noteWait, partsOf } from "../../src/core/wait_graph.ts";
import { Watcher } from "../../src/sync/deadlock.ts";
import { takeBoth } from "../fixtures/deadlock_tasks.ts";
import { LONG, SHORT, SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;
const pool = new ThreadPoolExecutor({ maxWorkers: 3, name: "diners" });
after(() => pool.shutdown());

/** Lets one thread for each lock acquire it and its neighbour in a circle. */
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
        // The other threads keep waiting, and proceed when the failed one releases its lock.
        assertEquals(errors.length, 1, String(ends));
        for (const error of errors) {
          assertInstanceOf(error, DeadlockError);
          const step = new RegExp(`thread "(diners \\d)" holds ${name} (\\d+) and waits for ${name} (\\d+)`, "g");
          const steps = [...error.message.matchAll(step)];
          assertEquals(new Set(steps.map(([, thread]) => thread)).size, count, error.message);
          // Each thread holds the lock that the previous one waits for, and the requested lock is in the cycle.
          assertEquals(steps.map(([, , holds]) => holds), steps.map((_, i) => steps.at(i - 1)![3]), error.message);
          assert(
            error.message.startsWith(`Cannot acquire ${name} ${steps[0]![3]}: the wait would close a cycle: thread `),
          );
        }
        assert(locks.every((lock) => !lock.locked));
        setDeadlockDetection(false);
      });
    }
  }
}

test("setDeadlockDetection(false) leaves a deadlock to the timeouts", { timeout }, async () => {
  setDeadlockDetection(false);
  const ends = await dine([new Lock(), new Lock()], false, SHORT);
  assert(ends.some((end) => end instanceof TimeoutError), String(ends));
});

test("setDeadlockDetection() detects a thread that blocks on itself, but not a wait of its loop", async () => {
  setDeadlockDetection(true);
  const lock = new Lock();
  const permit = lock.acquireSync();
  assertMatch(
    assertThrows(() => lock.acquireSync(), DeadlockError).message,
    /thread "MainThread" holds Lock \d+ and waits for Lock \d+$/,
  );
  const next = lock.acquire();
  permit.release();
  (await next).release();
  assert(!lock.locked);
  setDeadlockDetection(false);
});

test("DeadlockError identifies threads with equal names or without one by number", () => {
  // No thread of this process has these numbers.
  for (const [other, name] of [[60_001, "MainThread"], [60_002, undefined]] as const) {
    if (name !== undefined) noteName(other, name);
    setDeadlockDetection(true);
    const cells = new Int32Array(new SharedArrayBuffer(8));
    const [mine, theirs] = [new Watcher(cells, 0, "Lock"), new Watcher(cells, 1, "RLock")];
    mine.taken();
    theirs.taken();
    const [first, last] = [lockNumber(cells, 0), lockNumber(cells, 1)];
    noteHolder(last, other);
    noteWait(other, first);
    const [own, others] = name === undefined ? ["", `thread ${other}`] : [" (1)", `thread "${name}" (${other})`];
    const [lock, rlock] = [`Lock ${partsOf(first).number}`, `RLock ${partsOf(last).number}`];
    assertEquals(
      assertThrows(() => theirs.waits(true), DeadlockError).message,
      `Cannot acquire ${rlock}: the wait would close a cycle: thread "MainThread"${own} holds ${lock} and waits for ` +
        `${rlock}, ${others} holds ${rlock} and waits for ${lock}`,
    );
    noteWait(other, 0);
    noteHolder(last, 0);
    mine.released();
    setDeadlockDetection(false);
  }
});

test("setDeadlockDetection() takes a boolean", () => {
  assertThrows(() => setDeadlockDetection("yes" as never), TypeError);
});
