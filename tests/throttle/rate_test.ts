// Tests the rate limit on a manual clock.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { Throttle } from "../../src/throttle/mod.ts";
import { SlidingWindow } from "../../src/throttle/sliding_window.ts";
import { useClock } from "../../src/throttle/throttle.ts";
import { TokenBucket } from "../../src/throttle/token_bucket.ts";
import { random } from "../support/random.ts";
import { settle, still } from "./callers.ts";
import { mostIn, TurnClock } from "./turn_clock.ts";

test("Throttle.rate is never exceeded in any window", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const chance = random(seed);
    const rate = { limit: 1 + Math.floor(chance() * 9), interval: 10 + chance() * 1_000 };
    const throttle = new Throttle({ rate });
    const clock = new TurnClock();
    useClock(throttle, clock);
    const starts: number[] = [];
    let wanted = 0;
    for (let step = 0; step < 400; step++) {
      if (wanted - starts.length < 30) {
        for (let calls = Math.floor(chance() * 6); calls > 0; calls--) {
          wanted++;
          void throttle.run(() => void starts.push(clock.now()), { key: `${wanted % 3}` });
        }
      }
      await clock.advance(chance() * rate.interval / 3);
    }
    for (let i = 0; starts.length < wanted && i < 100; i++) await clock.advance(rate.interval);
    assertEquals(starts.length, wanted, `seed ${seed}`);
    const most = mostIn(starts, rate.interval);
    assert(most <= rate.limit, `seed ${seed}: ${most} starts in a window of ${rate.limit}`);
    assertEquals(most, rate.limit, `seed ${seed}: the rate is never reached`);
    throttle.close();
  }
});

test("Throttle.rate with burst starts up to burst calls after a pause, then one after another", async () => {
  const { throttle, clock } = still({ rate: { limit: 10, interval: 1_000, burst: 3 } });
  const starts: number[] = [];
  for (let i = 0; i < 8; i++) void throttle.run(() => void starts.push(clock.now()));
  for (let i = 0; i < 1_000; i += 10) {
    await settle();
    clock.advance(10);
  }
  assertEquals(starts, [0, 0, 0, 100, 200, 300, 400, 500]);
  for (let i = 0; i < 4; i++) void throttle.run(() => void starts.push(clock.now()));
  for (let i = 0; i < 200; i += 10) {
    await settle();
    clock.advance(10);
  }
  assertEquals(starts.slice(8), [1_000, 1_000, 1_000, 1_100]);
});

test("Throttle.rate counts a start from the end of the turn in which it was granted", async () => {
  const { throttle, clock } = still({ rate: { limit: 2, interval: 100 } });
  const starts: number[] = [];
  const start = () => {
    // Simulate work that blocks the loop: the next call of this turn starts late.
    clock.block(30);
    starts.push(clock.now());
  };
  const runs = Array.from({ length: 6 }, () => throttle.run(start));
  for (let i = 0; i < 50; i++) {
    await settle();
    clock.advance(10);
  }
  await Promise.all(runs);
  assert(mostIn(starts, 100) <= 2, starts.join(" "));
});

test("Throttle.rate is not used up by calls that leave before they start", async () => {
  const { throttle, clock } = still({ limit: 10, rate: { limit: 2, interval: 100 } });
  const controller = new AbortController();
  let started = 0;
  const start = () => void started++;
  await Promise.all([throttle.run(start), throttle.run(start)]);
  const leaving = Array.from({ length: 5 }, () => throttle.run(start, { signal: controller.signal, priority: 1 }));
  const staying = [throttle.run(start), throttle.run(start)];
  const late = throttle.run(start, { timeout: 50 });
  const ends = Promise.allSettled([...leaving, late]);
  controller.abort();
  clock.advance(60);
  assertEquals(new Set((await ends).map(({ status }) => status)), new Set(["rejected"]));
  clock.advance(40);
  await Promise.all(staying);
  assertEquals(started, 4);
  await assertRejects(() => throttle.acquire({ timeout: 0 }));
});

test("Throttle.rate neither stalls nor bursts when the wall clock jumps", async () => {
  const wall = Date.now;
  const throttle = new Throttle({ rate: { limit: 5, interval: 40 } });
  const starts: number[] = [];
  let jump = 0;
  Date.now = () => wall() + jump;
  try {
    const runs = Array.from({ length: 20 }, (_, i) =>
      throttle.run(() => {
        jump = (i % 2 === 0 ? 1 : -1) * 3_600_000;
        starts.push(performance.now());
      }));
    await Promise.all(runs);
  } finally {
    Date.now = wall;
  }
  assert(mostIn(starts, 40) <= 5, starts.join(" "));
});

test("SlidingWindow.wait() returns when the oldest start leaves the window", () => {
  const window = new SlidingWindow(2, 100);
  assertEquals(window.wait(0), 0);
  window.start(0);
  window.settle(0);
  window.start(30);
  window.settle(40);
  assertEquals([window.wait(40), window.wait(99), window.wait(100)], [60, 1, 0]);
  window.start(100);
  assertEquals([window.wait(120), window.wait(140)], [20, 0]);
});

test("SlidingWindow.wait() grants nothing while starts of this turn are pending", () => {
  const window = new SlidingWindow(1, 100);
  window.start(0);
  assertEquals(window.wait(500), 100);
  window.settle(500);
  assertEquals([window.wait(500), window.wait(600)], [100, 0]);
});

test("TokenBucket.settle() counts tokens from the actual starts of granted calls", () => {
  const bucket = new TokenBucket(10, 2);
  bucket.start(0);
  bucket.start(0);
  assertEquals(bucket.wait(0), 10);
  bucket.settle(50);
  assertEquals([bucket.wait(50), bucket.wait(60)], [10, 0]);
});
