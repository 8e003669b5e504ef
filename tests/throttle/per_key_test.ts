// Tests the limits and rates of keys.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { test } from "node:test";
import { Throttle, type ThrottleOptions, TimeoutError } from "../../mod.ts";
import { useClock } from "../../src/throttle/throttle.ts";
import { scaled } from "../support/long_run.ts";
import { random } from "../support/random.ts";
import { Callers, settle, still } from "./callers.ts";
import { mostIn, TurnClock } from "./turn_clock.ts";

const KEYS = 200, REQUESTS = 20_000;
/** The number of keys that are used one after another. */
const COUNT = scaled(100_000, 1_000_000);

test("Throttle.perKey.rate and Throttle.rate hold in every window, over 20,000 calls of 200 keys with aborts", async () => {
  const chance = random(7);
  const total = { limit: 100, interval: 50 }, own = { limit: 3, interval: 400 };
  const throttle = new Throttle({ limit: 60, perKey: { limit: 2, rate: own }, rate: total });
  const clock = new TurnClock();
  useClock(throttle, clock);
  const starts: { key: number; time: number }[] = [];
  let ended = 0, aborted = 0;
  for (let i = 0; i < REQUESTS; i++) {
    const key = Math.floor(chance() ** 2 * KEYS);
    const controller = new AbortController();
    const work = async () => {
      starts.push({ key, time: clock.now() });
      for (let hops = Math.floor(chance() * 4); hops > 0; hops--) await null;
    };
    throttle.run(work, { key: `${key}`, signal: controller.signal, priority: chance() < 0.1 ? 1 : 0 }).then(
      () => ended++,
      () => aborted++,
    );
    if (chance() < 0.1) {
      const delay = chance() * 2_000;
      clock.startTimer(delay, () => controller.abort());
    }
    if (i % 40 === 0) await clock.advance(chance() * 20);
  }
  for (let i = 0; ended + aborted < REQUESTS && i < 2_000; i++) await clock.advance(1_000);
  assertEquals(ended + aborted, REQUESTS);
  assert(ended > 10_000 && aborted > 100, `${ended} ended, ${aborted} aborted`);
  assert(mostIn(starts.map(({ time }) => time), total.interval) <= total.limit);
  let most = 0;
  for (let key = 0; key < KEYS; key++) {
    most = Math.max(most, mostIn(starts.filter((start) => start.key === key).map(({ time }) => time), own.interval));
  }
  assertEquals(most, own.limit);
  assertEquals([throttle.active, throttle.waiting], [0, 0]);
});

test("Throttle.perKey.rate delays only the callers of its key", async () => {
  const { throttle, clock } = still({ limit: 10, perKey: { rate: { limit: 1, interval: 1_000 } } });
  const callers = new Callers(throttle);
  for (let i = 0; i < 10_000; i++) void callers.call(`busy ${i}`, { key: "busy", priority: 9 });
  void callers.call("quiet", { key: "quiet" });
  await settle();
  assertEquals(callers.order, ["busy 0", "quiet"]);
  assertEquals([throttle.active, throttle.waiting], [2, 9_999]);
  clock.advance(1_000);
  await settle();
  assertEquals(callers.order, ["busy 0", "quiet", "busy 1"]);
  throttle.close();
  assertEquals(clock.pending, 0);
});

test("Throttle.perKey.rate with burst starts several calls of a key at once after a pause", async () => {
  const { throttle, clock } = still({ perKey: { rate: { limit: 1, interval: 100, burst: 2 } } });
  const starts: string[] = [];
  for (const key of ["a", "a", "a", "b", "a"]) {
    void throttle.run(() => void starts.push(`${key} ${clock.now()}`), { key });
  }
  for (let i = 0; i < 30; i++) {
    await settle();
    clock.advance(10);
  }
  assertEquals(starts, ["a 0", "a 0", "b 0", "a 100", "a 200"]);
});

test("Throttle.perKey.limit applies to each key, with or without a rate", async () => {
  for (const perKey of [2, { limit: 2 }, { limit: 2, rate: { limit: 9, interval: 1 } }]) {
    const { throttle } = still({ limit: 10, perKey });
    const callers = new Callers(throttle);
    for (let i = 0; i < 3; i++) for (const key of ["a", "b"]) void callers.call(`${key}${i}`, { key });
    await settle();
    assertEquals(callers.order, ["a0", "b0", "a1", "b1"]);
    await callers.release("a0");
    assertEquals(callers.order.at(-1), "a2");
    await assertRejects(() => throttle.acquire({ key: "c", weight: 3 }), RangeError, "from 1 to 2");
    throttle.close();
  }
});

test("Throttle forgets unused keys when their windows are over", async () => {
  const { throttle, clock } = still({ limit: 1, perKey: { rate: { limit: 1, interval: 10 } } });
  let most = 0;
  for (let i = 0; i < COUNT; i++) {
    const permit = throttle.acquire({ key: `key ${i}` });
    (await permit).release();
    if (i % 1_000 === 999) clock.advance(1);
    if (i % 20_000 === 19_999) most = Math.max(most, throttle.stats().keys.size);
  }
  clock.advance(2_000);
  assert(most < 25_000, `${most} keys`);
  assertEquals(throttle.stats().keys.size, 1_000);
});

test("Throttle keeps a key whose window is not over while many others are used", async () => {
  const { throttle, clock } = still({ perKey: { rate: { limit: 1, interval: 60_000 } } });
  (await throttle.acquire({ key: "first" })).release();
  clock.advance(0);
  for (let i = 0; i < 5_000; i++) (await throttle.acquire({ key: `key ${i}` })).release();
  await assertRejects(() => throttle.acquire({ key: "first", timeout: 0 }), TimeoutError);
  clock.advance(60_000);
  (await throttle.acquire({ key: "first", timeout: 0 })).release();
});

test("Throttle forgets a key whose waiting callers were aborted", async () => {
  const { throttle } = still({ limit: 1 });
  const permit = await throttle.acquire();
  const controller = new AbortController();
  const waits = Array.from({ length: 3_000 }, (_, i) => throttle.acquire({ key: `${i}`, signal: controller.signal }));
  controller.abort();
  await Promise.allSettled(waits);
  permit.release();
  for (let i = 0; i < 3_000; i++) (await throttle.acquire({ key: "again" })).release();
  assertEquals([...throttle.stats().keys.keys()], ["", "again"]);
});

test("new Throttle() rejects invalid limits of keys", () => {
  const rate = { limit: 1, interval: 10 };
  for (
    const [perKey, Wrong, name] of [
      [0, RangeError, "'perKey'"],
      ["2", TypeError, "'perKey'"],
      [{ limit: 0 }, RangeError, "'perKey.limit'"],
      [{ limits: 1 }, TypeError, "limit"],
      [{ rate: { ...rate, limit: 0 } }, RangeError, "'perKey.rate.limit'"],
      [{ rate: { ...rate, interval: Infinity } }, RangeError, "'perKey.rate.interval'"],
      [{ rate: { ...rate, bust: 1 } }, TypeError, "burst"],
      [{ rate: 1 }, TypeError, "'perKey.rate'"],
    ] as const
  ) {
    assertThrows(() => new Throttle({ perKey } as unknown as ThrottleOptions), Wrong, name);
  }
});
