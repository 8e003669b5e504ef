import { test } from "node:test";
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { PrintQuota, quotaMemory } from "../../src/wire/print_quota.ts";

const KILOBYTE = 1024;
const MEGABYTE = KILOBYTE * KILOBYTE;
/** The first time limit of a wait, in milliseconds. */
const WAIT = 40;
/** Timers and clocks differ by up to a tick. */
const TICK = 2;

function duration(fn: () => void): number {
  const start = performance.now();
  fn();
  return performance.now() - start;
}

test("PrintQuota.take() waits only while more than 64 kB are in flight", () => {
  const quota = new PrintQuota(quotaMemory(), WAIT);
  assert(
    duration(() => {
      for (let i = 0; i < 64; i++) quota.take(KILOBYTE);
      quota.take(10 * MEGABYTE);
      quota.giveBack(10 * MEGABYTE + 64 * KILOBYTE);
      quota.take(KILOBYTE);
    }) < WAIT,
  );
});

test("PrintQuota.take() gives up if no output is passed on, and doubles its time limit", () => {
  const quota = new PrintQuota(quotaMemory(), WAIT);
  quota.take(MEGABYTE);
  assertGreaterOrEqual(duration(() => quota.take(1)) + TICK, WAIT);
  assert(duration(() => quota.take(MEGABYTE)) < WAIT);
  assertGreaterOrEqual(duration(() => quota.take(1)) + TICK, 2 * WAIT);
});

test("PrintQuota.take() resets its time limit once all output was passed on", () => {
  const quota = new PrintQuota(quotaMemory(), WAIT);
  for (let i = 0; i < 2; i++) {
    quota.take(MEGABYTE);
    const waited = duration(() => quota.take(1)) + TICK;
    assertEquals([waited >= WAIT, waited < 2 * WAIT], [true, true], `${waited} ms`);
    quota.giveBack(MEGABYTE + 1);
    quota.take(1);
    quota.giveBack(1);
  }
});
