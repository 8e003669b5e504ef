// Tests many items in a shared queue between threads: each arrives once and in order in spite of deaths, timeouts and
// shutdowns.
// Deadline: 420 s

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import process from "node:process";
import { AbandonedError, Thread } from "../../mod.ts";
import { SharedQueue } from "../../src/queue/shared/shared_queue.ts";
import { scaled } from "../support/long_run.ts";
import { random } from "../support/random.ts";
import { within } from "../support/poll.ts";
import { RUNTIME } from "../support/runtime.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";
import { sharedCells } from "../sync/threads.ts";
import { consume, type ConsumeOptions, produce } from "../queue/shared_tasks.ts";

/** `HEDDLE_ITEMS=1000000` gives all tests as many items as the first one has in a long run. */
const MANY = scaled(20_000, 1_000_000), SOME = Number(process.env.HEDDLE_ITEMS ?? scaled(2_000, 50_000));
const PRODUCERS = 2, CONSUMERS = 2;
/** Cells for the number of items put, got and finished. */
const PUT = 0, GOT = 1, DONE = 2;
/** The maximum share of items before a consumer dies, and the number of producers that die in a row. */
const LIFE = SOME / scaled(5, 10), LIVES = scaled(4, 8);
/** Deno cannot end a busy thread: on Deno threads end themselves, between two operations. */
const CAN_KILL = RUNTIME !== "deno";
const timeout = 2 * SLOW_TEST_LIMIT;

const seed = Number(process.env.HEDDLE_SEED ?? Math.floor(Math.random() * 2 ** 31));
const next = random(seed);
const upTo = (count: number) => Math.floor(next() * count);

/** A queue, threads at both its ends, and their notes. */
class Run {
  readonly queue: SharedQueue<number>;
  readonly each: number;
  readonly cells = sharedCells(3);
  readonly seen: Uint8Array;
  readonly #timeout: number;

  constructor(count: number, maxSize: number, timeout = Infinity) {
    console.log(`seed ${seed}`);
    this.queue = new SharedQueue<number>({ maxSize });
    this.each = count / PRODUCERS;
    this.seen = new Uint8Array(new SharedArrayBuffer(count));
    this.#timeout = timeout;
  }

  producers(): Thread<void>[] {
    return Array.from(
      { length: PRODUCERS },
      (_, who) =>
        new Thread(produce, [this.queue, who * this.each, 0, this.each, this.cells, this.#timeout], { daemon: true })
          .start(),
    );
  }

  consumer(options: Partial<ConsumeOptions> = {}): Thread<void> {
    const all = { form: "sync", each: this.each, timeout: this.#timeout, ...options } as const;
    return new Thread(consume, [this.queue, this.seen, this.cells, all], { daemon: true }).start();
  }

  consumers(): Thread<void>[] {
    return Array.from({ length: CONSUMERS }, () => this.consumer());
  }

  /** Returns the number of items that were got a given number of times. */
  times(count: number): number {
    return this.seen.reduce((sum, times) => sum + (times === count ? 1 : 0), 0);
  }
}

async function ended(threads: readonly Thread<void>[]): Promise<void> {
  await within("the threads", Promise.all(threads.map(({ result }) => result)), timeout);
}

/** Joins until no further items are lost; returns the number of lost ones. */
async function lostOf(queue: SharedQueue<number>): Promise<number> {
  let lost = 0;
  for (;;) {
    try {
      await within(`the join, seed ${seed}`, queue.join());
      return lost;
    } catch (error) {
      if (!(error instanceof AbandonedError)) throw error;
      lost += Number(/\d+(?=\)$)/.exec(error.message)![0]);
    }
  }
}

for (
  const [what, count, maxSize, limit] of [
    ["many items", MANY, 0, Infinity],
    ["items through a queue that is often full", SOME, 3, Infinity],
    ["items between those who wait for 10 us at a time", SOME, 10, 0.01],
  ] as const
) {
  test(`SharedQueue passes ${what}, each once and in order`, { timeout }, async () => {
    const run = new Run(count, maxSize, limit);
    const consumers = run.consumers();
    await ended(run.producers());
    run.queue.shutdown();
    await ended(consumers);
    assertEquals([...run.cells], [count, count, count]);
    assertEquals([run.times(1), run.queue.size, run.queue.unfinished], [count, 0, 0]);
    assertEquals(await lostOf(run.queue), 0);
  });
}

for (const immediate of [false, true]) {
  const how = immediate ? "that discards the rest" : "after which the rest is got";
  test(`SharedQueue passes items until a shutdown half-way, ${how}`, { timeout }, async () => {
    const run = new Run(SOME, 1_000);
    const threads = [...run.consumers(), ...run.producers()];
    while (Atomics.load(run.cells, GOT) < SOME / 2) await new Promise((resolve) => setTimeout(resolve));
    run.queue.shutdown({ immediate });
    await ended(threads);
    const [put, got, done] = run.cells;
    assertEquals([run.times(1), run.times(0), got, done], [got, SOME - got!, got, got]);
    if (immediate) assert(got! <= put!, `${got} of ${put}`);
    else assertEquals(got, put);
    assertEquals([run.queue.size, run.queue.unfinished, await lostOf(run.queue)], [0, 0, 0]);
  });
}

test("SharedQueue passes items once if consumers die at any time, and join() reports their items", {
  timeout,
}, async () => {
  const run = new Run(SOME, 100);
  const producers = run.producers();
  const { cells } = run;
  let deaths = 0;
  while (Atomics.load(cells, GOT) < SOME * 0.8) {
    const last = 1 + upTo(LIFE);
    const consumers = Array.from({ length: CONSUMERS }, () => run.consumer(CAN_KILL ? {} : { last }));
    const moment = Atomics.load(cells, GOT) + last;
    while (CAN_KILL && Atomics.load(cells, GOT) < Math.min(moment, SOME * 0.9)) {
      await new Promise((resolve) => setTimeout(resolve));
    }
    await within(
      `their ends, seed ${seed}`,
      Promise.all(consumers.map((thread) => CAN_KILL ? thread.terminate() : thread.join())),
    );
    deaths += CONSUMERS;
  }
  const consumers = run.consumers();
  await ended(producers);
  run.queue.shutdown();
  await ended(consumers);
  const lost = await lostOf(run.queue);
  console.log(`${deaths} died with ${lost} items`);
  assertEquals([run.queue.size, run.queue.unfinished, cells[PUT]], [0, 0, SOME], `seed ${seed}`);
  assertEquals(run.times(0) + run.times(1), SOME, `seed ${seed}`);
  assert(run.times(0) <= lost && lost <= deaths, `seed ${seed}: ${run.times(0)} unseen, ${lost} lost, ${deaths} died`);
  // A consumer that died between taskDone() and its note has finished the item all the same.
  const finished = cells[DONE]!;
  assert(finished <= SOME - lost && SOME - lost <= finished + deaths, `seed ${seed}: ${finished} done, ${lost} lost`);
});

test("SharedQueue passes the items of producers that die at any time, without gaps", {
  timeout,
  skip: CAN_KILL ? false : "Deno cannot end a thread that is busy",
}, async () => {
  const run = new Run(SOME * LIVES * PRODUCERS, 100);
  const each = SOME;
  const consumers = [run.consumer({ each })];
  const put: number[] = [];
  for (let life = 0; life < LIVES; life++) {
    const cells = sharedCells(1);
    const thread = new Thread(produce, [run.queue, life * each, 0, each, cells], { daemon: true }).start();
    const moment = 1 + upTo(Math.min(3_000, SOME * 0.75));
    while (Atomics.load(cells, 0) < moment) await new Promise((resolve) => setTimeout(resolve));
    await within(`its end, seed ${seed}`, thread.terminate());
    put.push(cells[0]!);
  }
  run.queue.shutdown();
  await ended(consumers);
  for (const [life, count] of put.entries()) {
    const seen = run.seen.subarray(life * each, (life + 1) * each);
    const got = seen.lastIndexOf(1) + 1;
    // The producer may have died before it noted its last item.
    assert(got === count || got === Math.min(each, count + 1), `seed ${seed}: ${got} of ${count}`);
    assertEquals(seen.subarray(0, got).every((times) => times === 1), true, `seed ${seed}`);
  }
  assertEquals([run.queue.size, run.queue.unfinished, await lostOf(run.queue)], [0, 0, 0]);
});
