import { test } from "node:test";
import { assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { SharedPriorityQueue } from "../../src/queue/shared/shared_priority_queue.ts";
import { SharedQueue } from "../../src/queue/shared/shared_queue.ts";
import { seeded } from "../core/random.ts";
import { drain, turn } from "./kinds.ts";
import { ORDERED, REFUSED } from "./orders.ts";

/** Puts items into a queue in random order. */
function filled<T>(items: readonly T[], seed: number): SharedPriorityQueue<T> {
  const queue = new SharedPriorityQueue<T>();
  assertInstanceOf(queue, SharedQueue);
  const random = seeded(seed);
  const left = [...items];
  while (left.length > 0) queue.putSync(left.splice(random.below(left.length), 1)[0]!);
  return queue;
}

/** Prefixes that fit into a key, and prefixes that do not. */
const MORE: Record<string, unknown[]> = {
  ...ORDERED,
  "strings that begin alike": ["", "\0", "\0\0", "\0\0\0\0", "a", "a\0", "ab", "abc", "abc\0", "abcd", "abd", "\uffff"],
  "tuples that begin with such strings": [["abc", 2], ["abca", 1], ["abca", 1, 0], ["abd"], ["b"]],
  "tuples that begin with bigints": [[-2n, "a"], [-1, "b"], [0n], [0.5], [1n]],
};

for (const [what, all] of Object.entries(MORE)) {
  const items = all.filter((item) => !(Array.isArray(item) && typeof item.at(-1) === "function"));
  test(`SharedPriorityQueue.get() returns the lowest item first: ${what}`, () => {
    for (const seed of [1, 2, 3, 4, 5]) assertEquals(drain(filled(items, seed)), items);
  });
}

test("SharedPriorityQueue.get() returns equal items in the order in which they were put", () => {
  const queue = new SharedPriorityQueue<readonly [number, number?]>();
  const items = Array.from({ length: 1_000 }, (_, arrival) => [arrival * 7 % 3] as const);
  for (const item of items) queue.putSync(item);
  assertEquals(drain(queue).length, 1_000);
  // -0 equals 0, so the order of arrival decides.
  const zeros = new SharedPriorityQueue<number>();
  const signs = [0, -0, -0, 0, -0];
  for (const zero of signs) zeros.putSync(zero);
  assertEquals(drain(zeros).map((zero) => Object.is(zero, -0)), signs.map((zero) => Object.is(zero, -0)));
  const bigints = new SharedPriorityQueue<number | bigint>();
  for (const one of [1n, 1, 1n, 0, 1]) bigints.putSync(one);
  assertEquals(drain(bigints), [0, 1n, 1, 1n, 1]);
});

test("SharedPriorityQueue keeps its order when filled and emptied repeatedly", () => {
  const queue = new SharedPriorityQueue<number>({ maxSize: 200 });
  const random = seeded(7);
  const model: number[] = [];
  for (let step = 0; step < 20_000; step++) {
    if (random.below(200) >= model.length) {
      const item = random.below(1_000);
      queue.putSync(item);
      const place = model.findIndex((other) => other > item);
      model.splice(place === -1 ? model.length : place, 0, item);
    } else assertEquals(queue.getSync(), model.shift());
  }
  assertEquals(drain(queue), model);
});

for (const [what, present, item] of REFUSED) {
  test(`SharedPriorityQueue.put() refuses an item without an order: ${what}`, async () => {
    const queue = new SharedPriorityQueue<unknown>();
    for (const each of present) queue.tryPut(each);
    await assertRejects(() => queue.put(item), TypeError, "Cannot put");
    assertThrows(() => queue.tryPut(item), TypeError, "Cannot put");
    assertThrows(() => queue.putSync(item), TypeError, "Cannot put");
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

test("SharedPriorityQueue.put() rejects after a wait if its item has no order with a new one", async () => {
  const queue = new SharedPriorityQueue<unknown>({ maxSize: 2 });
  for (const item of [[1], [2]]) await queue.put(item);
  const log: string[] = [];
  const note = (name: string, wait: Promise<void>) =>
    void wait.then(() => log.push(name), (error) => log.push(`${name} ${error.name}`));
  note("a", queue.put([3, "a"]));
  note("c", queue.put([4]));
  for (let i = 0; i < 2; i++) queue.tryGet();
  note("b", queue.put([3, 5]));
  await turn();
  assertEquals([log.sort(), drain(queue), queue.unfinished], [["a", "b TypeError", "c"], [[3, "a"], [4]], 4]);
});

test("SharedPriorityQueue.put() orders a waiting item by the copy made at the call", async () => {
  const queue = new SharedPriorityQueue<number[]>({ maxSize: 1 });
  await queue.put([0]);
  const item = [1, 5];
  const wait = queue.put(item);
  item[0] = 9;
  item[1] = 9;
  assertEquals(queue.tryGet(), [0]);
  await wait;
  assertEquals(queue.tryGet(), [1, 5]);
});

test("new SharedPriorityQueue() rejects invalid options", () => {
  assertThrows(() => new SharedPriorityQueue(null as never), TypeError, "Cannot make a queue as 'options'");
  assertThrows(() => new SharedPriorityQueue({ bytes: 0 }), RangeError, "'bytes'");
});

test("SharedPriorityQueue refuses a compare function", () => {
  const options = { compare: (a: number, b: number) => b - a };
  assertThrows(() => new SharedPriorityQueue<number>(options as object), TypeError, "put tuples");
});
