// Tests that the cost of an operation does not grow with the number of items or waiters.

import { test } from "node:test";
import { assert, assertEquals, assertLess } from "@std/assert";
import { seeded } from "../core/random.ts";
import { LONG_RUN, scaled } from "../support/long_run.ts";
import { PROMPT, SLOW_TEST_LIMIT } from "../support/timing.ts";
import { type AnyBoundedQueue, type AnyQueue, BOUNDED, KINDS } from "./kinds.ts";

const SIZES = LONG_RUN ? [1_000, 10_000, 100_000] : [1_000, 10_000];
/**
 * The permitted ratio of times for ten times as many items. A lower ratio means that nothing was measured. Quadratic
 * cost gives a ratio of 100; linear cost may exceed 10, because caches are faster than memory. See `bench/queues.ts`
 * for figures.
 */
const LEAST = 1.2, MOST = 40;
/** The number of runs for each size, of which the fastest counts; and the number of attempts, for a busy machine. */
const RUNS = [10, 5, 3], ATTEMPTS = 5;
/** The number of waiters, and of items: enough for a nonlinear cost to take many seconds. */
const MANY = scaled(30_000, 100_000), VERY_MANY = scaled(40_000, 150_000);
/** A byte limit that is sufficient for the items of every test. */
const BYTES = 2 ** 25;
const random = seeded(1);
const timeout = SLOW_TEST_LIMIT;

/** Passes items on; returns the time that it took. */
type Work = (items: readonly number[]) => number;

function assertLinear(work: Work): void {
  const seen: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const times = SIZES.map((size, index) =>
      Math.min(...Array.from({ length: RUNS[index]! }, () => work(randomItems(size))))
    );
    const steps = times.slice(1).map((time, index) => time / times[index]!);
    if (steps.every((step) => step >= LEAST && step <= MOST)) return;
    seen.push(`${times.map((time) => time.toFixed(3)).join(", ")} ms`);
  }
  assert(false, `${SIZES.join(", ")} items took ${seen.join("; ")}`);
}

/**
 * Asserts a time limit. Waiters are promises, and their cost grows with their number where the collector copies them.
 */
async function assertPrompt(work: () => Promise<number> | number): Promise<void> {
  const times: number[] = [];
  while (times.length < 3 && !times.some((time) => time < PROMPT)) times.push(await work());
  assertLess(Math.min(...times), PROMPT, `${times.join(", ")} ms`);
}

/** Returns items in a new order each time: a processor would learn a short order that repeats. */
function randomItems(count: number): number[] {
  return Array.from({ length: count }, () => random.below(2 ** 30));
}

/** Adds an item without a promise. */
function add(queue: AnyQueue<number>, item: number): void {
  if ("tryPut" in queue) (queue as AnyBoundedQueue<number>).tryPut(item);
  else queue.put(item);
}

function fill(queue: AnyQueue<number>, items: readonly number[]): void {
  for (const item of items) add(queue, item);
}

for (const { name, open } of KINDS) {
  test(
    `${name} takes ten times as long to pass on ten times as many items`,
    { timeout },
    () =>
      assertLinear((items) => {
        const queue = open<number>(0, BYTES);
        fill(queue, items);
        const start = performance.now();
        for (const item of items) {
          queue.tryGet();
          add(queue, item);
        }
        const duration = performance.now() - start;
        assertEquals(queue.size, items.length);
        return duration;
      }),
  );

  test(
    `${name} is filled with ${VERY_MANY} items and emptied in linear time`,
    { timeout },
    () =>
      assertPrompt(() => {
        const items = randomItems(VERY_MANY);
        const [queue, discarded] = [open<number>(0, BYTES), open<number>(0, BYTES)];
        const start = performance.now();
        fill(queue, items);
        for (let i = 0; i < VERY_MANY; i++) queue.tryGet();
        fill(discarded, items);
        discarded.shutdown({ immediate: true });
        const duration = performance.now() - start;
        assertEquals([queue.size, discarded.size], [0, 0]);
        return duration;
      }),
  );

  test(
    `${name} serves ${MANY} waiting gets in linear time`,
    { timeout },
    () =>
      assertPrompt(async () => {
        const items = Array.from({ length: MANY }, (_, item) => item);
        const queue = open<number>(0, BYTES);
        const start = performance.now();
        const waits = items.map(() => queue.get());
        fill(queue, items);
        const duration = performance.now() - start;
        assertEquals(await Promise.all(waits), items);
        return duration;
      }),
  );
}

for (const { name, open } of BOUNDED) {
  test(
    `${name} serves ${MANY} waiting puts in linear time`,
    { timeout },
    () =>
      assertPrompt(async () => {
        const queue = open<number>(1, BYTES);
        const start = performance.now();
        const waits = Array.from({ length: MANY }, (_, item) => queue.put(item));
        for (let i = 0; i < MANY; i++) queue.tryGet();
        const duration = performance.now() - start;
        await Promise.all(waits);
        assertEquals(queue.size, 0);
        return duration;
      }),
  );

  test(
    `${name} with ${MANY} waiters is shut down in linear time`,
    { timeout },
    () =>
      assertPrompt(async () => {
        const queue = open<number>(1, BYTES);
        queue.tryPut(0);
        const waits = Promise.allSettled(Array.from({ length: MANY }, (_, item) => queue.put(item)));
        const start = performance.now();
        queue.shutdown();
        const duration = performance.now() - start;
        assert((await waits).every(({ status }) => status === "rejected"));
        return duration;
      }),
  );
}
