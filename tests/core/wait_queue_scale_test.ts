// Tests that the cost of each operation of a wait queue does not grow with the number of waiters.

import { test } from "node:test";
import { assert, assertEquals, assertLess } from "@std/assert";
import { NO_LIMITS } from "../../src/core/wait_options.ts";
import { WaitQueue } from "../../src/core/wait_queue.ts";
import { scaled } from "../support/long_run.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { countingSignal } from "../support/signals.ts";
import { PROMPT } from "../support/timing.ts";

/** The number of waiters: enough for a nonlinear cost to take many seconds. */
const MANY = scaled(30_000, 100_000);

/** Runs a function that returns its duration, with three attempts for a busy machine. */
async function assertLinear(run: () => Promise<number>): Promise<void> {
  const times: number[] = [];
  while (times.length < 3 && !times.some((time) => time < PROMPT)) times.push(await run());
  assertLess(Math.min(...times), PROMPT, `${times.join(", ")} ms`);
}

test(`WaitQueue serves ${MANY} waiters in linear time`, () =>
  assertLinear(async () => {
    const queue = new WaitQueue<number, true>(new ManualClock(), "Cannot");
    let served = 0;
    let free = 0;
    const start = performance.now();
    const joins = Array.from({ length: MANY }, () => queue.join(1, NO_LIMITS));
    assertEquals(queue.size, MANY);
    for (free = 1; queue.size > 0; free = 1) served += queue.admit(() => free-- > 0 ? true : undefined);
    const duration = performance.now() - start;
    assertEquals(served, MANY);
    await Promise.all(joins);
    return duration;
  }));

test(`WaitQueue with ${MANY} waiters is left from the middle in linear time`, () =>
  assertLinear(async () => {
    const timers: (() => void)[] = [];
    const clock = { now: () => 0, startTimer: (_: number, fn: () => void) => (timers.push(fn), () => {}) };
    const queue = new WaitQueue<number, true>(clock, "Cannot", () => void queue.admit(() => undefined));
    const start = performance.now();
    const joins = Array.from({ length: MANY }, () => queue.join(1, { timeout: 10, signal: undefined }));
    const settled = Promise.allSettled(joins);
    // Leave from the middle outwards, on both sides in turn.
    for (let i = 0; i < MANY; i++) timers[MANY / 2 + (i % 2 === 0 ? i / 2 : -(i + 1) / 2)]!();
    const duration = performance.now() - start;
    assertEquals(queue.size, 0);
    assert((await settled).every(({ status }) => status === "rejected"));
    return duration;
  }));

test(`WaitQueue with ${MANY} waiters under one signal is aborted in linear time`, () =>
  assertLinear(async () => {
    const clock = new ManualClock();
    const queue = new WaitQueue<number, true>(clock, "Cannot", () => void queue.admit(() => undefined));
    const { controller, signal, listeners } = countingSignal();
    const start = performance.now();
    const joins = Array.from({ length: MANY }, () => queue.join(1, { timeout: 10, signal }));
    const settled = Promise.allSettled(joins);
    assertEquals([listeners(), clock.pending], [1, MANY]);
    controller.abort("gone");
    const duration = performance.now() - start;
    assertEquals([queue.size, clock.pending, listeners()], [0, 0, 0]);
    assert((await settled).every(({ status }) => status === "rejected"));
    return duration;
  }));
