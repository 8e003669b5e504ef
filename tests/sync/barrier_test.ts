import { test } from "node:test";
import { assert, assertEquals, assertLess, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { BrokenBarrierError, TimeoutError } from "../../src/core/errors.ts";
import { Barrier } from "../../src/sync/barrier.ts";
import { Log, turn } from "../support/log.ts";
import { until, within } from "../support/poll.ts";
import { countingSignal } from "../support/signals.ts";
import { LONG, SHORT } from "../support/timing.ts";

const BROKEN = "BrokenBarrierError";

test("Barrier rejects an invalid number of parties, and options of the wrong kind", () => {
  for (const parties of [0, -1, 0.5, NaN, Infinity, 2 ** 31]) {
    assertThrows(() => new Barrier(parties), RangeError, "'parties'");
  }
  for (const parties of ["2", null, {}, undefined]) {
    assertThrows(() => new Barrier(parties as never), TypeError, "'parties'");
  }
  for (const action of [5, "fn", {}, null]) {
    assertThrows(() => new Barrier(2, { action: action as never }), TypeError, "'action'");
  }
  for (const timeout of [-1, NaN]) assertThrows(() => new Barrier(2, { timeout }), RangeError, "'timeout'");
  assertThrows(() => new Barrier(2, { timeout: "5" as never }), TypeError, "'timeout'");
  for (const options of [null, 5]) assertThrows(() => new Barrier(2, options as never), TypeError, "'options'");
});

test("Barrier reports its parties, and the number of waiting ones", async () => {
  const barrier = new Barrier(3);
  assertEquals([barrier.parties, barrier.waiting, barrier.broken], [3, 0, false]);
  const all = [barrier.wait(), barrier.wait()];
  assertEquals(barrier.waiting, 2);
  all.push(barrier.wait());
  assertEquals(barrier.waiting, 0);
  await within("all", Promise.all(all));
});

test("Barrier.wait() gives each party a different place, with 0 for the last arrival", async () => {
  const barrier = new Barrier(4);
  assertEquals(await Promise.all([1, 2, 3, 4].map(() => barrier.wait())), [3, 2, 1, 0]);
  assertEquals(await Promise.all([1, 2, 3, 4].map(() => barrier.wait())), [3, 2, 1, 0]);
});

test("Barrier of one party never waits", async () => {
  let calls = 0;
  const barrier = new Barrier(1, { action: () => void calls++ });
  assertEquals([await barrier.wait(), barrier.waitSync(), await barrier.wait({ timeout: 0 })], [0, 0, 0]);
  assertEquals(calls, 3);
});

test("Barrier starts no round before all parties have reached the previous one", async () => {
  const barrier = new Barrier(5);
  const counts = Array.from({ length: 10 }, () => 0);
  const party = async () => {
    for (let round = 0; round < 10; round++) {
      counts[round]!++;
      await barrier.wait();
      assertEquals(counts[round], 5);
      if (round < 9) assertLess(counts[round + 1]!, 5);
      await barrier.wait();
    }
  };
  await within("all", Promise.all([1, 2, 3, 4, 5].map(party)));
  assertEquals(counts, counts.map(() => 5));
  assertEquals([barrier.waiting, barrier.broken], [0, false]);
});

test("Barrier serves more calls than parties in groups, for more rounds than its counter holds", async () => {
  const barrier = new Barrier(2);
  for (let round = 0; round < 20_000; round++) {
    const places = await Promise.all([barrier.wait(), barrier.wait()]);
    if (places[0] !== 1 || places[1] !== 0) assertEquals([round, places], [round, [1, 0]]);
  }
  assertEquals(await Promise.all([1, 2, 3, 4, 5, 6].map(() => barrier.wait())), [1, 0, 1, 0, 1, 0]);
});

test("Barrier's action runs once in each round, before any party resumes", async () => {
  const log: string[] = [];
  const barrier = new Barrier(3, { action: () => void log.push("action") });
  const party = async (name: string) => {
    for (let round = 0; round < 2; round++) {
      await barrier.wait();
      log.push(name);
    }
  };
  await within("all", Promise.all(["a", "b", "c"].map(party)));
  assertEquals(log.filter((line) => line === "action").length, 2);
  assertEquals([log[0], log[4]], ["action", "action"]);
  assertEquals(log.slice(1, 4).toSorted(), ["a", "b", "c"]);
});

test("Barrier's action may be async: all wait for it, and early parties wait for the next round", async () => {
  const log = new Log();
  let over = Promise.withResolvers<void>();
  const barrier = new Barrier(2, { action: () => over.promise });
  for (const name of ["a", "b", "c", "d"]) log.follow(name, barrier.wait());
  assertEquals([await log.take(), barrier.broken], [[], false]);
  const first = over;
  over = Promise.withResolvers<void>();
  first.resolve();
  assertEquals((await log.take()).sort(), ["a", "b"]);
  over.resolve();
  assertEquals((await log.take()).sort(), ["c", "d"]);
});

test("Barrier breaks if its action fails: that party gets the error, the others a BrokenBarrierError", async () => {
  const failure = new Error("torn");
  for (
    const action of [() => {
      throw failure;
    }, () => Promise.reject(failure)]
  ) {
    const barrier = new Barrier(3, { action });
    const log = new Log();
    log.follow("a", barrier.wait());
    log.follow("b", barrier.wait());
    assertStrictEquals(await assertRejects(() => barrier.wait()), failure);
    assertEquals([await log.take(), barrier.broken], [[`a ${BROKEN}`, `b ${BROKEN}`], true]);
    await assertRejects(() => barrier.wait(), BrokenBarrierError);
  }
});

test("Barrier.abort() breaks it for current and later waits, until reset()", async () => {
  const barrier = new Barrier(3);
  const log = new Log();
  log.follow("a", barrier.wait());
  log.follow("b", barrier.wait());
  barrier.abort();
  barrier.abort();
  assertEquals(await log.take(), [`a ${BROKEN}`, `b ${BROKEN}`]);
  assertEquals([barrier.broken, barrier.waiting], [true, 0]);
  await assertRejects(() => barrier.wait(), BrokenBarrierError);
  await assertRejects(() => barrier.wait({ timeout: 0 }), BrokenBarrierError);
  assertThrows(() => barrier.waitSync(), BrokenBarrierError);
  barrier.reset();
  assertEquals(barrier.broken, false);
  assertEquals(await Promise.all([1, 2, 3].map(() => barrier.wait())), [2, 1, 0]);
});

test("Barrier.abort() breaks it even if no party waits", async () => {
  const barrier = new Barrier(2);
  barrier.abort();
  await assertRejects(() => barrier.wait(), BrokenBarrierError);
});

test("Barrier.reset() breaks the current waits, and the barrier works afterwards", async () => {
  const barrier = new Barrier(3);
  const log = new Log();
  log.follow("a", barrier.wait());
  log.follow("b", barrier.wait());
  barrier.reset();
  assertEquals(await log.take(), [`a ${BROKEN}`, `b ${BROKEN}`]);
  assertEquals([barrier.broken, barrier.waiting], [false, 0]);
  assertEquals(await Promise.all([1, 2, 3].map(() => barrier.wait())), [2, 1, 0]);
  barrier.reset();
  barrier.reset();
  assertEquals(await Promise.all([1, 2, 3].map(() => barrier.wait())), [2, 1, 0]);
});

test("Barrier.reset() lets a complete round pass, and breaks the waits of the next one", async () => {
  const barrier = new Barrier(2);
  const log = new Log();
  for (const name of ["a", "b", "c"]) log.follow(name, barrier.wait());
  // Reset in the turn in which the first round ended, before any party has resumed.
  barrier.reset();
  assertEquals((await log.take()).sort(), ["a", "b", `c ${BROKEN}`]);
  assertEquals(await Promise.all([barrier.wait(), barrier.wait()]), [1, 0]);
});

test("Barrier.wait() that times out breaks the barrier for all, until reset()", async () => {
  const barrier = new Barrier(3);
  const log = new Log();
  log.follow("a", barrier.wait({ timeout: LONG }));
  await assertRejects(() => barrier.wait({ timeout: SHORT }), TimeoutError);
  assertEquals([await log.take(), barrier.broken], [[`a ${BROKEN}`], true]);
  await assertRejects(() => barrier.wait({ timeout: LONG }), BrokenBarrierError);
  barrier.reset();
  log.follow("b", barrier.wait());
  assertThrows(() => barrier.waitSync({ timeout: SHORT }), TimeoutError);
  assertEquals([await log.take(), barrier.broken], [[`b ${BROKEN}`], true]);
});

test("Barrier.wait() with a timeout of 0 breaks the barrier, unless it is the last arrival", async () => {
  const barrier = new Barrier(2);
  await assertRejects(() => barrier.wait({ timeout: 0 }), TimeoutError);
  assertEquals([barrier.broken, barrier.waiting], [true, 0]);
  barrier.reset();
  assertThrows(() => barrier.waitSync({ timeout: 0 }), TimeoutError);
  assertEquals([barrier.broken, barrier.waiting], [true, 0]);
  barrier.reset();
  const first = barrier.wait();
  assertEquals([await barrier.wait({ timeout: 0 }), await first], [0, 1]);
});

test("Barrier's own timeout applies to waits without one", async () => {
  const barrier = new Barrier(2, { timeout: SHORT });
  const { message } = await assertRejects(() => barrier.wait(), TimeoutError);
  assert(message.endsWith("within 50 ms"), message);
  assertThrows(() => barrier.waitSync(), BrokenBarrierError);
  barrier.reset();
  assertThrows(() => barrier.waitSync({}), TimeoutError);
  barrier.reset();
  const log = new Log();
  log.follow("patient", barrier.wait({ timeout: LONG }));
  const start = performance.now();
  await until("the barrier's own timeout is over", () => performance.now() > start + 2 * SHORT);
  assertEquals(await log.take(), []);
  assertEquals(await barrier.wait(), 0);
});

test("Barrier breaks on an aborted wait: that party gets the reason, the others a BrokenBarrierError", async () => {
  const barrier = new Barrier(3);
  const log = new Log();
  const { controller, signal, listeners } = countingSignal();
  log.follow("a", barrier.wait());
  log.follow("b", barrier.wait({ signal }));
  controller.abort("gone");
  assertEquals([(await log.take()).sort(), barrier.broken, listeners()], [[`a ${BROKEN}`, "b gone"], true, 0]);
});

test("Barrier.wait() with an already aborted signal does not break the barrier", async () => {
  const barrier = new Barrier(2);
  const signal = AbortSignal.abort("gone");
  assertEquals(await barrier.wait({ signal }).catch((reason) => reason), "gone");
  assertEquals([barrier.broken, barrier.waiting], [false, 0]);
});

test("Barrier breaks when a party gives up while the action runs", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const barrier = new Barrier(2, { action: () => promise });
  const log = new Log();
  const { controller, signal } = countingSignal();
  log.follow("a", barrier.wait({ signal }));
  log.follow("b", barrier.wait());
  controller.abort("gone");
  resolve();
  assertEquals([(await log.take()).sort(), barrier.broken], [["a gone", `b ${BROKEN}`], true]);
});

test("Barrier.wait() that ends before it joins a round does not break the barrier", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const barrier = new Barrier(2, { action: () => promise });
  const log = new Log();
  const { controller, signal } = countingSignal();
  log.follow("a", barrier.wait());
  log.follow("b", barrier.wait());
  log.follow("early", barrier.wait({ signal }));
  controller.abort("gone");
  await assertRejects(() => barrier.wait({ timeout: SHORT }), TimeoutError);
  assertEquals([await log.take(), barrier.broken], [["early gone"], false]);
  resolve();
  assertEquals((await log.take()).sort(), ["a", "b"]);
});

test("Barrier.wait() that is aborted when the next round begins does not join that round", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const barrier = new Barrier(2, { action: () => promise });
  const log = new Log();
  const { controller, signal, listeners } = countingSignal();
  log.follow("a", barrier.wait());
  log.follow("b", barrier.wait());
  log.follow("early", barrier.wait({ signal }));
  // Abort when the round has ended, but before waits for the next round resume.
  void promise.then(() => controller.abort("gone"));
  resolve();
  assertEquals((await log.take()).sort(), ["a", "b", "early gone"]);
  assertEquals([barrier.broken, barrier.waiting, listeners()], [false, 0, 0]);
});

test("Barrier.wait() that was broken stays broken after many resets", async () => {
  const barrier = new Barrier(2);
  const log = new Log();
  log.follow("a", barrier.wait());
  for (let i = 0; i < 40; i++) barrier.reset();
  assertEquals(await log.take(), [`a ${BROKEN}`]);
});

test("Barrier.wait() has one time limit for joining the round and for the round itself", async () => {
  let over = Promise.withResolvers<void>();
  const barrier = new Barrier(2, { action: () => over.promise });
  const log = new Log();
  log.follow("a", barrier.wait());
  log.follow("b", barrier.wait());
  const start = performance.now();
  const early = assertRejects(() => barrier.wait({ timeout: 4 * SHORT }), TimeoutError);
  await until("most of the budget is spent", () => performance.now() > start + 3 * SHORT);
  over.resolve();
  over = Promise.withResolvers();
  await early;
  // Two separate limits would take seven times as long.
  const elapsed = performance.now() - start;
  assert(elapsed < 6 * SHORT || elapsed > 20 * SHORT, `${elapsed} ms`);
  assertEquals([(await log.take()).sort(), barrier.broken], [["a", "b"], true]);
});

test("Barrier leaves no wait pending while another task resets it repeatedly", async () => {
  const barrier = new Barrier(3);
  let settled = 0;
  const end = performance.now() + 4 * SHORT;
  const party = async () => {
    while (performance.now() < end) {
      await barrier.wait({ timeout: 1 }).catch((error) => {
        assert(error instanceof BrokenBarrierError || error instanceof TimeoutError, String(error));
      });
      settled++;
    }
  };
  const reset = async () => {
    while (performance.now() < end) {
      barrier.reset();
      await new Promise((resolve) => setTimeout(resolve, 0));
      await turn();
    }
  };
  await within("all", Promise.all([party(), party(), reset()]));
  assert(settled > 2);
  barrier.reset();
  assertEquals(await Promise.all([1, 2, 3].map(() => barrier.wait())), [2, 1, 0]);
});
