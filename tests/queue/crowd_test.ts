// Tests many concurrent producers and consumers: each item arrives once, and all of them end.

import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { QueueEmptyError, QueueShutDownError } from "../../src/core/errors.ts";
import { within } from "../support/poll.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";
import { type AnyBoundedQueue, type AnyQueue, BOUNDED, KINDS } from "./kinds.ts";

const PRODUCERS = 50, CONSUMERS = 50, ITEMS = 10_000;
const timeout = SLOW_TEST_LIMIT;

/** Ways to take an item; the result is undefined if there was none in time. */
const WAYS: Record<string, (queue: AnyQueue<number>) => Promise<number | undefined>> = {
  "waiting": (queue) => queue.get(),
  "never waiting": async (queue) => {
    const item = queue.tryGet();
    if (item === undefined) await pause();
    return item;
  },
  "waiting for ten microseconds": (queue) =>
    queue.get({ timeout: 0.01 }).catch((error) => void assertInstanceOf(error, QueueEmptyError)),
};

/** Lets other tasks run, including timers. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

for (const { name, open } of KINDS) {
  for (const [way, get] of Object.entries(WAYS)) {
    test(
      `${name} passes ${ITEMS} items from ${PRODUCERS} to ${CONSUMERS}, ${way}, each once`,
      { timeout },
      async () => {
        const queue = open<number>();
        const seen: number[] = [];
        let next = 0;
        const produce = async () => {
          for (let item = next++; item < ITEMS; item = next++) {
            await queue.put(item);
            if (item % 100 === 0) await pause();
          }
        };
        const consume = async () => {
          for (let count = 0; count < ITEMS / CONSUMERS;) {
            const item = await get(queue);
            if (item === undefined) continue;
            seen.push(item);
            count++;
          }
        };
        const crowd = [
          ...Array.from({ length: CONSUMERS }, consume),
          ...Array.from({ length: PRODUCERS }, produce),
        ];
        await within("the crowd", Promise.all(crowd));
        assertEquals([seen.length, new Set(seen).size, queue.size], [ITEMS, ITEMS, 0]);
      },
    );
  }
}

/** The outcome at a queue that is shut down half-way. */
interface Ends {
  /** The number of items put and taken. */
  put: number;
  got: number;
  /** Unexpected errors. */
  readonly strange: unknown[];
  /** The number of joins that have returned. */
  joined: number;
}

const MESSAGES = 65_536, WRITERS = 4, READERS = 6, JOINERS = 2;

async function shutHalfWay(queue: AnyBoundedQueue<number>, immediate: boolean): Promise<Ends> {
  const ends: Ends = { put: 0, got: 0, strange: [], joined: 0 };
  const until = async (step: () => Promise<void>) => {
    try {
      for (;;) await step();
    } catch (error) {
      if (!(error instanceof QueueShutDownError)) ends.strange.push(error);
    }
  };
  const write = () =>
    until(async () => {
      await queue.put(ends.put);
      if (++ends.put === MESSAGES / 2) queue.shutdown({ immediate });
    });
  const read = () =>
    until(async () => {
      await queue.get();
      ends.got++;
      queue.taskDone();
    });
  // Keep one item unfinished until a consumer has taken it.
  queue.tryPut(-1);
  const join = async () => {
    await queue.join();
    ends.joined++;
  };
  const everybody = [
    ...Array.from({ length: JOINERS }, join),
    ...Array.from({ length: WRITERS }, write),
    ...Array.from({ length: READERS }, read),
  ];
  await within("everybody to end", Promise.all(everybody));
  return ends;
}

for (const { name, open } of BOUNDED) {
  for (const immediate of [false, true]) {
    const how = immediate ? "at once" : "when all is taken";
    test(`${name} that is shut down half-way ends all waits ${how}`, { timeout }, async () => {
      const queue = open<number>(64);
      const { put, got, strange, joined } = await shutHalfWay(queue, immediate);
      assertEquals([strange, joined, queue.size, queue.unfinished], [[], JOINERS, 0, 0]);
      assert(put >= MESSAGES / 2, `${put} put`);
      if (immediate) assert(got <= put + 1, `${got} got of ${put}`);
      else assertEquals(got, put + 1);
    });
  }

  test(`${name} serves a waiting producer while all items are taken in one turn`, async () => {
    const queue = open<number>(3);
    for (const item of [1, 2, 3]) await queue.put(item);
    const parked = queue.put(4);
    const taken: number[] = [];
    while (!queue.empty) taken.push(queue.tryGet()!);
    await parked;
    assertEquals(taken.sort(), [1, 2, 3, 4]);
  });
}
