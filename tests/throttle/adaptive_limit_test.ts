// Tests limits that adapt to the load.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { AdaptiveLimit } from "../../src/throttle/adaptive_limit.ts";
import { Throttle } from "../../src/throttle/mod.ts";
import { useClock } from "../../src/throttle/throttle.ts";
import { ManualClock } from "../support/manual_clock.ts";

/** Runs a number of rounds of the limit's learning. */
function rounds(limit: AdaptiveLimit, times: number, duration: number, failed = false, full = true): number {
  let now = limit.limit;
  for (let round = 0; round < times; round++) {
    const calls = Math.max(10, now);
    for (let i = 0; i < calls; i++) now = limit.learn({ duration, failed, full });
  }
  return now;
}

test("AdaptiveLimit.learn() adds one after every good round that reached the limit", () => {
  const limit = new AdaptiveLimit(1, 14, 10);
  assertEquals(rounds(limit, 1, 5), 11);
  assertEquals(rounds(limit, 1, 5), 12);
  assertEquals(rounds(limit, 5, 5), 14);
  assertEquals(rounds(limit, 5, 5, false, false), 14);
  assertEquals(rounds(new AdaptiveLimit(1, 14, 10), 5, 5, false, false), 10);
});

test("AdaptiveLimit.learn() takes a fifth away when calls fail or take twice as long", () => {
  const failing = new AdaptiveLimit(3, 100, 50);
  assertEquals(rounds(failing, 1, 5, false, false), 50);
  for (let i = 0; i < 60; i++) failing.learn({ duration: 5, failed: i % 10 === 0, full: true });
  assert(failing.learn({ duration: 5, failed: false, full: true }) < 50);
  assertEquals(rounds(failing, 100, 5, true), 3);
  const slow = new AdaptiveLimit(1, 100, 50);
  for (let i = 0; i < 50; i++) slow.learn({ duration: 5, failed: false, full: true });
  let now = 0;
  for (let i = 0; i < 51; i++) now = slow.learn({ duration: 20, failed: false, full: true });
  assertEquals(now, 40);
});

/** A server that answers a limited number of calls in 10 ms each; beyond that, all calls slow each other down. */
async function settleAt(capacity: number, start: number): Promise<number> {
  const throttle = new Throttle({ limit: "auto", bounds: { min: 1, max: 200, start } });
  const clock = new ManualClock();
  useClock(throttle, clock);
  let inside = 0;
  const call = () =>
    new Promise<void>((resolve) => {
      inside++;
      clock.startTimer(10 * Math.max(1, inside / capacity), () => {
        inside--;
        resolve();
      });
    });
  for (let i = 0; i < 20_000; i++) void throttle.run(call).catch(() => {});
  for (let i = 0; i < 2_000; i++) {
    clock.advance(5);
    for (let turns = 0; turns < 20; turns++) await null;
  }
  const { limit } = throttle;
  throttle.close();
  return limit;
}

test("Throttle with limit auto finds the capacity of a server", async () => {
  // Calls that start together wait less than on a full server, so the limit exceeds the server's 20.
  for (const start of [1, 10]) {
    const limit = await settleAt(20, start);
    assert(limit >= 15 && limit <= 100, `from ${start}: ${limit}`);
  }
});

test("AdaptiveLimit.learn() adapts to calls that become slower permanently", () => {
  const limit = new AdaptiveLimit(4, 100, 50);
  rounds(limit, 3, 5);
  const limits = Array.from({ length: 40 }, () => rounds(limit, 1, 50));
  assertEquals(Math.min(...limits), 4);
  assert(limits.at(-1)! > 15, limits.join(" "));
});

test("Throttle with limit auto shrinks when work fails but not when it is aborted, and can be set", async () => {
  const throttle = new Throttle({ limit: "auto", bounds: { min: 2, max: 50, start: 20 } });
  const fail = () => Promise.reject(new Error("503"));
  const signal = AbortSignal.abort();
  for (let i = 0; i < 100; i++) await throttle.run(fail, { signal }).catch(() => {});
  assertEquals(throttle.limit, 20);
  for (let i = 0; i < 500; i++) await throttle.run(fail).catch(() => {});
  assertEquals(throttle.limit, 2);
  throttle.limit = 7;
  for (let i = 0; i < 100; i++) await throttle.run(fail).catch(() => {});
  assertEquals(throttle.limit, 7);
});
