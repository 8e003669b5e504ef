import { test } from "node:test";
import { assertEquals, assertInstanceOf, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { PriorityQueue } from "../../src/queue/priority_queue.ts";
import { Queue } from "../../src/queue/queue.ts";
import { seeded } from "../core/random.ts";
import { drain, turn } from "./kinds.ts";
import { ORDERED, REFUSED } from "./orders.ts";

/** Puts items into a queue in random order. */
function filled<T>(items: readonly T[], seed: number): PriorityQueue<T> {
  const queue = new PriorityQueue<T>();
  assertInstanceOf(queue, Queue);
  const random = seeded(seed);
  const left = [...items];
  while (left.length > 0) queue.tryPut(left.splice(random.below(left.length), 1)[0]!);
  return queue;
}

for (const [what, items] of Object.entries(ORDERED)) {
  test(`PriorityQueue.get() returns the lowest item first: ${what}`, () => {
    for (const seed of [1, 2, 3, 4, 5]) assertEquals(drain(filled(items, seed)), items);
  });
}

test("PriorityQueue.get() returns equal items in the order in which they were put", async () => {
  const compare = (a: { priority: number }, b: { priority: number }) => a.priority - b.priority;
  const queue = new PriorityQueue(0, { compare });
  const items = Array.from({ length: 1_000 }, (_, arrival) => ({ priority: arrival * 7 % 3, arrival }));
  for (const item of items) await queue.put(item);
  assertEquals(drain(queue), items.toSorted(compare));
  const tuples = new PriorityQueue<readonly number[]>();
  const [first, second] = [[1, 2], [1, 2]];
  for (const item of [first, second]) tuples.tryPut(item);
  assertStrictEquals(tuples.tryGet(), first);
  assertStrictEquals(tuples.tryGet(), second);
});

test("PriorityQueue orders items of any type by `compare`", () => {
  const queue = new PriorityQueue<unknown>(0, { compare: (a, b) => String(a) < String(b) ? 1 : -1 });
  for (const item of ["a", {}, 5, "b"]) queue.tryPut(item);
  assertEquals(drain(queue), ["b", "a", {}, 5]);
  const largest = new PriorityQueue<number>(2, { compare: (a, b) => b - a });
  for (const item of [1, 3]) largest.tryPut(item);
  assertEquals([largest.maxSize, largest.full, ...drain(largest)], [2, true, 3, 1]);
});

test("PriorityQueue.put() serves waiters in order of arrival", async () => {
  const queue = new PriorityQueue<number>(1);
  const puts = [5, 9, 1].map((item) => queue.put(item));
  assertEquals([queue.tryGet(), queue.tryGet(), queue.tryGet()], [5, 9, 1]);
  await Promise.all(puts);
});

for (const [what, present, item] of REFUSED) {
  test(`PriorityQueue.put() refuses an item without an order: ${what}`, async () => {
    const queue = new PriorityQueue<unknown>();
    for (const each of present) queue.tryPut(each);
    await assertRejects(() => queue.put(item), TypeError, "Cannot put");
    assertThrows(() => queue.tryPut(item), TypeError, "Cannot put");
    assertEquals([queue.size, queue.unfinished], [present.length, present.length]);
    assertEquals(drain(queue), present);
    // A waiting get() does not receive the item either.
    if (present.length > 0) return;
    const got = queue.get();
    await assertRejects(() => queue.put(item), TypeError);
    await queue.put("fine");
    assertEquals(await got, "fine");
  });
}

test("PriorityQueue.put() refuses an item without an order at once, even if the queue is full", async () => {
  const queue = new PriorityQueue<unknown>(1);
  await queue.put(1);
  for (const item of ["1", NaN, {}]) {
    await assertRejects(() => queue.put(item), TypeError);
    assertThrows(() => queue.tryPut(item), TypeError);
  }
  assertEquals([queue.size, queue.tryPut(2)], [1, false]);
});

test("PriorityQueue.put() rejects after a wait if its item has no order with a new one", async () => {
  const queue = new PriorityQueue<unknown>(2);
  for (const item of [[1], [2]]) await queue.put(item);
  const log: string[] = [];
  const note = (name: string, wait: Promise<void>) =>
    void wait.then(() => log.push(name), (error) => log.push(`${name} ${error.name}`));
  note("a", queue.put([3, "a"]));
  note("b", queue.put([3, 5]));
  note("c", queue.put([4]));
  for (let i = 0; i < 2; i++) queue.tryGet();
  await turn();
  assertEquals([log, drain(queue), queue.unfinished], [["a", "b TypeError", "c"], [[3, "a"], [4]], 4]);
});

test("PriorityQueue.put() rejects with an error of compare, and leaves the queue unchanged", async () => {
  const failure = new RangeError("no order");
  const compare = (a: number, b: number) => {
    if (b < 0) throw failure;
    return a - b;
  };
  const queue = new PriorityQueue(3, { compare });
  for (const item of [2, 1]) await queue.put(item);
  assertStrictEquals(await assertRejects(() => queue.put(-1)), failure);
  assertEquals([queue.size, queue.unfinished, await queue.get(), await queue.get()], [2, 2, 1, 2]);
});

test("PriorityQueue.put() rejects if compare does not return a number", async () => {
  for (const answer of [NaN, undefined, "less", {}]) {
    const queue = new PriorityQueue<number>(0, { compare: () => answer as number });
    await queue.put(1);
    await assertRejects(() => queue.put(2), TypeError, "'compare' must return a number");
    assertEquals(drain(queue), [1]);
  }
});

test("new PriorityQueue() rejects invalid options", () => {
  for (const options of [null, 5, { compare: 5 }, { compare: null }]) {
    assertThrows(() => new PriorityQueue(0, options as never), TypeError, "Cannot make a queue");
  }
});
