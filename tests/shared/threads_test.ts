// Tests shared memory, values and arrays in several concurrent threads.

import { assertEquals, assertStrictEquals } from "@std/assert";
import { SharedArray, SharedMemory, type SharedType, SharedValue, Thread } from "../../mod.ts";
import { within } from "../support/poll.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";
import { testThreads } from "../sync/threads.ts";
import * as tasks from "./tasks.ts";
import { item, TYPES } from "./types.ts";

const THREADS = 4;

function newMeeting(): tasks.Meeting {
  return { arrived: new SharedValue("int32", 0), threads: THREADS };
}

for (const [type, amount] of [["int32", 1], ["float64", 0.5]] as const) {
  testThreads(`SharedValue.add() loses no call of a million by four threads, of ${type}`, THREADS, async (pool) => {
    const value = new SharedValue<SharedType>(type, 0);
    const meeting = newMeeting();
    const all = Array.from({ length: THREADS }, () => pool.submit(tasks.addOften, value, amount, 250_000, meeting));
    await within("all", Promise.all(all), SLOW_TEST_LIMIT);
    assertEquals(value.value, amount * 1_000_000);
  });
}

testThreads(
  "SharedArray.add() by four threads loses nothing in any type, and changes no neighbour",
  THREADS,
  async (pool) => {
    const times = 20_000;
    for (const { type } of TYPES) {
      const array = new SharedArray<SharedType>(type, 4);
      // Use two threads for each of two adjacent items.
      const meeting = newMeeting();
      const all = Array.from(
        { length: THREADS },
        (_, i) => pool.submit(tasks.addToItem, array, 1 + i % 2, item(type, 1), times, meeting),
      );
      await within("all", Promise.all(all), SLOW_TEST_LIMIT);
      const expected = new SharedValue<SharedType>(type, item(type, 2 * times)).value;
      assertEquals([...array.view], [item(type, 0), expected, expected, item(type, 0)], type);
    }
  },
);

testThreads("SharedValue.compareExchange() lets each of four threads count, in every type", THREADS, async (pool) => {
  const times = 5_000;
  for (const { type } of TYPES) {
    const value = new SharedValue<SharedType>(type);
    const meeting = newMeeting();
    const all = Array.from({ length: THREADS }, () => pool.submit(tasks.exchangeOften, value, times, meeting));
    await within("all", Promise.all(all), SLOW_TEST_LIMIT);
    assertEquals(value.value, new SharedValue<SharedType>(type, item(type, THREADS * times)).value, type);
  }
});

testThreads("SharedArray.compareExchange() gives each place to one of four threads", THREADS, async (pool) => {
  const places = new SharedArray("uint16", 50_000);
  const meeting = newMeeting();
  const all = Array.from({ length: THREADS }, (_, i) => pool.submit(tasks.claim, places, i + 1, meeting));
  const counts = await within("all", Promise.all(all), SLOW_TEST_LIMIT);
  assertEquals(counts.reduce((sum, count) => sum + count), 50_000);
  for (const [i, count] of counts.entries()) {
    assertEquals(places.view.filter((owner) => owner === i + 1).length, count);
  }
});

testThreads("SharedArray.lock lets one of four threads in at a time", THREADS, async (pool) => {
  const array = new SharedArray("float64", 2);
  const meeting = newMeeting();
  const all = Array.from({ length: THREADS }, () => pool.submit(tasks.countLocked, array, 2_000, meeting));
  assertEquals(await within("all", Promise.all(all), SLOW_TEST_LIMIT), [0, 0, 0, 0]);
  assertEquals([...array.view], [4 * 2_000, 4 * 2_000]);
});

testThreads("SharedMemory, SharedValue and SharedArray have the same properties in a thread", 1, async (pool) => {
  const memory = new SharedMemory(3, { name: "block" });
  memory.bytes[0] = 9;
  const all = [
    memory,
    new SharedValue("biguint64", 7n),
    new SharedArray("int16", [1, 2, -3]),
    new SharedArray("float32", 0),
  ];
  const expected = [["block", 3, 9], ["biguint64", 7n], ["int16", 3, 1, -3], ["float32", 0, undefined, undefined]];
  assertEquals(await pool.submit(tasks.describe, all), expected);
  const thread = new Thread(tasks.describe, [all]).start();
  assertEquals(await thread.result, expected);
  await thread.join();
});

testThreads("SharedMemory of any size is not copied: the program reads the writes of a thread", 2, async (pool) => {
  const memory = new SharedMemory(64 * 2 ** 20);
  await within("the thread", pool.submit(tasks.fill, memory, 7));
  assertEquals([memory.bytes[0], memory.bytes.at(-1)], [7, 7]);
  await within("the other one", pool.submit(tasks.fill, memory, 8));
  assertEquals([memory.bytes[0], memory.bytes.at(-1)], [8, 8]);
});

for (
  const [name, make] of [
    ["SharedMemory", () => new SharedMemory(1)],
    ["SharedValue", () => new SharedValue("int8")],
    ["SharedArray", () => new SharedArray("int8", 1)],
  ] as const
) {
  testThreads(`${name} that is passed twice to a thread is one object there`, 1, async (pool) => {
    const one = make();
    assertEquals(
      await pool.submit(tasks.sameObjects, one, { again: one, map: new Map([["x", one]]) }),
      [true, true, true],
    );
    assertEquals(await pool.submit(tasks.isKept, one), false);
    assertEquals([await pool.submit(tasks.isKept, one), await pool.submit(tasks.isKept, make())], [true, false]);
  });

  testThreads(`${name} that returns from a thread is the same object`, 2, async (pool) => {
    const one = make();
    assertStrictEquals(await pool.submit(tasks.giveBack, one), one);
  });
}

testThreads(
  "SharedMemory, SharedValue and SharedArray made by a thread work here, and there again",
  1,
  async (pool) => {
    const made = await Promise.all(
      (["memory", "value", "array"] as const).map((kind) => pool.submit(tasks.make, kind)),
    );
    const [memory, value, array] = made.map(({ made }) => made) as [SharedMemory, SharedValue, SharedArray];
    assertEquals([memory.name, memory.size, [...memory.bytes]], ["from afar", 2, [0, 0]]);
    assertEquals([value.type, value.value, array.type, [...array.view]], ["int16", -3, "float32", [0.5, 1.5]]);
    memory.bytes[0] = 1;
    value.value = 5;
    array.set(1, 2.5);
    assertEquals(await pool.submit(tasks.describe, [memory, value, array]), [
      ["from afar", 2, 1],
      ["int16", 5],
      ["float32", 2, 0.5, 2.5],
    ]);
  },
);

testThreads("SharedValue.lock and SharedArray.lock are the same on both sides in any order of use", 1, async (pool) => {
  for (const asked of [true, false]) {
    for (const one of [new SharedValue("int8"), new SharedArray("int8", 1)]) {
      const before = asked ? one.lock : undefined;
      assertEquals(await pool.submit(tasks.isFree, one), true);
      if (asked) assertStrictEquals(one.lock, before);
      // The thread has not released the lock.
      assertEquals([one.lock.locked, one.lock.tryAcquire()], [true, undefined]);
      assertEquals(await pool.submit(tasks.isFree, one), false);
      one.lock.release();
    }
  }
});
