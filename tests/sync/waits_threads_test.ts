// Tests Event, Condition and Barrier in several threads.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Barrier, BrokenBarrierError, Condition, Event, Lock, RLock, TimeoutError } from "../../mod.ts";
import * as tasks from "../fixtures/sync_tasks.ts";
import { until, untilStarted, within } from "../support/poll.ts";
import { SHORT, SLOW_TEST_LIMIT } from "../support/timing.ts";
import { FORMS, raise, sharedCells, testThreads } from "./threads.ts";

testThreads("Event.set() wakes waiters in all threads, in either form", 4, async (pool) => {
  const event = new Event();
  const futures = [...FORMS, ...FORMS].map((form) => pool.submit(tasks.waitForEvent, event, form));
  const here = event.wait();
  await untilStarted(...futures);
  event.set();
  assertEquals(await within("all", Promise.all(futures)), ["passed", "passed", "passed", "passed"]);
  await within("this thread", here);
});

testThreads("Event.set() in another thread wakes this one, in either form", 1, async (pool) => {
  const event = new Event();
  const waiting = event.wait();
  const cells = sharedCells(1);
  raise(cells, 0);
  await pool.submit(tasks.setEventAfter, event, cells);
  await within("the event", waiting);
  assertEquals(event.isSet, true);
  event.clear();
  cells[0] = 0;
  const future = pool.submit(tasks.setEventAfter, event, cells);
  await untilStarted(future);
  raise(cells, 0);
  event.waitSync({ timeout: SLOW_TEST_LIMIT });
  assertEquals(event.isSet, true);
  await future;
});

testThreads("Event.set() wakes waiters in all threads even if the event is cleared at once", 3, async (pool) => {
  const event = new Event();
  for (let round = 0; round < 5; round++) {
    const futures = [...FORMS, "sync" as const].map((form) => pool.submit(tasks.waitForEvent, event, form));
    await untilStarted(...futures);
    // A started task may not wait yet, and then needs the next pulse.
    let ended = 0;
    for (const future of futures) future.addDoneCallback(() => ended++);
    await until("all have seen a pulse", () => {
      event.set();
      event.clear();
      return ended === 3;
    });
    assertEquals(await Promise.all(futures), ["passed", "passed", "passed"]);
    assertEquals(event.isSet, false);
  }
});

testThreads("Event.wait() in a thread times out without affecting others", 2, async (pool) => {
  const event = new Event();
  const live = pool.submit(tasks.waitForEvent, event, "sync");
  const late = FORMS.map((form) => pool.submit(tasks.waitForEvent, event, form, SHORT));
  const other = pool.submit(tasks.waitForEvent, event, "async");
  assertEquals(await within("the late ones", Promise.all(late)), ["TimeoutError", "TimeoutError"]);
  event.set();
  assertEquals(await within("the live ones", Promise.all([live, other])), ["passed", "passed"]);
});

for (const Kind of [Lock, RLock]) {
  testThreads(
    `Condition over ${Kind.name}: notify() wakes the given number of threads`,
    4,
    async (pool) => {
      const condition = new Condition(new Kind());
      const cells = sharedCells(2);
      const futures = [...FORMS, ...FORMS].map((form) => pool.submit(tasks.waitToBeNotified, condition, cells, form));
      const woken = () => cells[1]!;
      await until("all wait", () => cells[0] === 4 && !condition.locked);
      const start = performance.now();
      // Longer than the time after which a waiter reserves the next turn, if the lock supports that.
      await until("they have waited", () => performance.now() > start + 3 * SHORT);
      await condition.run(() => condition.notify());
      await until("one goes on", () => woken() === 1);
      await condition.run(() => condition.notify(2));
      await until("three have gone on", () => woken() === 3);
      assertEquals(futures.filter((future) => future.done).length <= 3, true);
      await condition.run(() => condition.notifyAll());
      assertEquals(await within("all", Promise.all(futures)), Array(4).fill("notified"));
      assertEquals([woken(), condition.locked], [4, false]);
    },
  );
}

testThreads("Condition.notify() wakes one thread after another for many rounds", 3, async (pool) => {
  const condition = new Condition();
  const cells = sharedCells(2);
  const rounds = 10;
  for (let round = 1; round <= rounds; round++) {
    const futures = [...FORMS, "sync" as const].map((form) =>
      pool.submit(tasks.waitToBeNotified, condition, cells, form)
    );
    await until("all wait", () => cells[0] === 3 * round && !condition.locked);
    for (let i = 2; i >= 0; i--) {
      await condition.run(() => condition.notify());
      await until("one more goes on", () => cells[1] === 3 * round - i);
    }
    assertEquals(await within("all", Promise.all(futures)), ["notified", "notified", "notified"]);
  }
});

testThreads("Condition.wait() that times out in this thread leaves notifications to others", 1, async (pool) => {
  const condition = new Condition();
  const cells = sharedCells(2);
  const future = pool.submit(tasks.waitToBeNotified, condition, cells, "sync");
  await until("it waits", () => cells[0] === 1 && !condition.locked);
  await assertRejects(() => condition.run(() => condition.wait({ timeout: SHORT })), TimeoutError);
  await condition.run(() => condition.notify());
  assertEquals(await within("the other", future), "notified");
});

testThreads(
  "Condition.waitSync() leaves a notification to the notified wait of its thread",
  1,
  async (pool) => {
    const condition = new Condition();
    const cells = sharedCells(2);
    const future = pool.submit(tasks.waitInBothForms, condition, cells, SHORT);
    await untilStarted(future);
    await condition.run(() => condition.notify());
    raise(cells, 1);
    assertEquals(await within("both waits", future), { sync: "TimeoutError", async: "notified" });
  },
);

for (
  const [producer, consumer] of [["sync", "async"], ["async", "sync"], ["sync", "sync"], ["async", "async"]] as const
) {
  testThreads(
    `Condition serves two threads that produce (${producer}) and two that consume (${consumer})`,
    4,
    async (pool) => {
      const lock = new Lock();
      const [notFull, notEmpty] = [new Condition(lock), new Condition(lock)];
      const cells = sharedCells(3 + 3);
      const each = 200;
      const produced = [0, 1000].map((from) =>
        pool.submit(tasks.produce, notFull, notEmpty, cells, from, each, producer)
      );
      const consumed = [1, 2].map(() => pool.submit(tasks.consume, notFull, notEmpty, cells, each, consumer));
      const seen = (await within("the consumers", Promise.all(consumed), SLOW_TEST_LIMIT)).flat();
      await Promise.all(produced);
      assertEquals(
        seen.toSorted((a, b) => a - b),
        [0, 1000].flatMap((n) => Array.from({ length: each }, (_, i) => n + i)),
      );
      assertEquals([cells[0], lock.locked], [0, false]);
    },
  );
}

testThreads("Barrier of five threads keeps ten rounds in step, in either form", 5, async (pool) => {
  const barrier = new Barrier(5);
  const rounds = 10;
  const cells = sharedCells(rounds);
  const parties = [0, 1, 2, 3, 4].map((i) => pool.submit(tasks.meet, barrier, cells, rounds, FORMS[i % 2]!));
  const places = await within("all", Promise.all(parties), SLOW_TEST_LIMIT);
  for (let round = 0; round < rounds; round++) {
    assertEquals(places.map((own) => own[round]!).toSorted(), [0, 1, 2, 3, 4]);
  }
  assertEquals([barrier.waiting, barrier.broken], [0, false]);
});

testThreads("Barrier of two threads and this one keeps a thousand rounds in step", 2, async (pool) => {
  const barrier = new Barrier(3);
  const rounds = 1000;
  const cells = sharedCells(rounds);
  const parties = FORMS.map((form) => pool.submit(tasks.meet, barrier, cells, rounds, form));
  for (let round = 0; round < rounds; round++) {
    Atomics.add(cells, round, 1);
    if (round % 2 === 0) await barrier.wait();
    else barrier.waitSync();
    assertEquals(cells[round], 3);
  }
  await within("all", Promise.all(parties), SLOW_TEST_LIMIT);
});

testThreads("Barrier.abort() and reset() break the waits of other threads", 2, async (pool) => {
  const barrier = new Barrier(4);
  for (const end of ["abort", "reset", "timeout"]) {
    const parties = FORMS.map((form) => pool.submit(tasks.waitAtBarrier, barrier, form));
    await until("both wait", () => barrier.waiting === 2);
    if (end === "abort") barrier.abort();
    else if (end === "reset") barrier.reset();
    else await assertRejects(() => barrier.wait({ timeout: SHORT }), TimeoutError);
    assertEquals(await within("both", Promise.all(parties)), ["BrokenBarrierError", "BrokenBarrierError"]);
    assertEquals(barrier.broken, end !== "reset");
    barrier.reset();
  }
});

testThreads("Barrier.abort() in another thread breaks the wait of this one", 1, async (pool) => {
  const barrier = new Barrier(3);
  const waiting = assertRejects(() => barrier.wait(), BrokenBarrierError);
  await pool.submit(tasks.abortBarrier, barrier);
  await within("the abort", waiting);
  assert(barrier.broken);
});

testThreads("Barrier with an action is refused as an argument, and named in the error", 1, async (pool) => {
  const barrier = new Barrier(2, { action: () => {} });
  const error = await pool.submit(tasks.isKept, barrier).exception() as Error;
  assertEquals(error.name, "DataCloneError");
  assert(/args\[0\].*Barrier with an action/.test(error.message), error.message);
  assertEquals(await Promise.all([barrier.wait(), barrier.wait()]), [1, 0]);
});
