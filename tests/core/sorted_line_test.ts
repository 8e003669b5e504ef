import { test } from "node:test";
import { assertEquals, assertLess, assertStrictEquals, assertThrows } from "@std/assert";
import { SortedLine } from "../../src/core/sorted_line.ts";
import { seeded } from "./random.ts";

interface Item {
  readonly key: number;
  readonly arrival: number;
}

function byKey(a: Item, b: Item): number {
  return a.key - b.key;
}

function drain<T>(line: SortedLine<T>): T[] {
  const items: T[] = [];
  while (line.size > 0) items.push(line.take()!);
  return items;
}

test("SortedLine.take() returns the smallest item, or undefined if there is none", () => {
  const line = new SortedLine<number>((a, b) => a - b);
  assertEquals([line.take(), line.size], [undefined, 0]);
  for (const item of [3, 1, 2]) line.add(item);
  assertEquals([line.size, line.take(), line.take(), line.take(), line.take(), line.size], [3, 1, 2, 3, undefined, 0]);
  line.add(5);
  assertEquals(drain(line), [5]);
});

test("SortedLine.take() returns equal items in the order in which they were added", () => {
  const line = new SortedLine(byKey);
  const items = Array.from({ length: 2_000 }, (_, arrival): Item => ({ key: arrival * 7 % 3, arrival }));
  for (const item of items) line.add(item);
  assertEquals(drain(line), items.toSorted(byKey));
});

for (const direction of [1, -1]) {
  test(`SortedLine keeps 5,000 items that arrive in order (${direction})`, () => {
    const line = new SortedLine<number>((a, b) => a - b);
    const items = Array.from({ length: 5_000 }, (_, index) => direction * index);
    for (const item of items) line.add(item);
    assertEquals([line.size, drain(line)], [5_000, items.toSorted((a, b) => a - b)]);
  });
}

for (const seed of [1, 2, 3, 4]) {
  test(`SortedLine matches a sorted array in 20,000 random operations (seed ${seed})`, () => {
    const random = seeded(seed);
    const line = new SortedLine(byKey);
    const model: Item[] = [];
    // Alternate phases of growth and shrinking, so that blocks split and become empty again.
    let rising = 0.5;
    for (let arrival = 0; arrival < 20_000; arrival++) {
      if (arrival % 1_000 === 0) rising = 0.2 + random.next() * 0.7;
      if (random.next() < rising) {
        const item = { key: random.below(50), arrival };
        line.add(item);
        const at = model.findIndex(({ key }) => key > item.key);
        model.splice(at === -1 ? model.length : at, 0, item);
      } else assertStrictEquals(line.take(), model.shift(), `step ${arrival}`);
      assertEquals(line.size, model.length);
    }
    assertEquals(drain(line), model);
  });
}

test("SortedLine.add() and check() change nothing if the order throws", () => {
  // Throw at each comparison of the search.
  for (let calls = 0; calls < 8; calls++) {
    let left = Infinity;
    const line = new SortedLine<number>((a, b) => {
      if (left-- === 0) throw new RangeError("no order");
      return a - b;
    });
    for (let item = 0; item < 500; item++) line.add(item);
    left = calls;
    assertThrows(() => line.add(250), RangeError, "no order");
    left = calls;
    assertThrows(() => line.check(250), RangeError, "no order");
    assertEquals(line.size, 500);
    assertEquals(drain(line), Array.from({ length: 500 }, (_, item) => item));
  }
});

test("SortedLine.check() adds nothing", () => {
  const line = new SortedLine<number>((a, b) => a - b);
  line.check(1);
  line.add(2);
  line.check(1);
  assertEquals(drain(line), [2]);
});

test("SortedLine.add() throws for an item that has no order with any one of the others", () => {
  // All items have an order among themselves, except for one and the same key.
  for (let key = 0; key < 1_000; key += 37) {
    const line = new SortedLine<Item>((a, b) => {
      if (a.key === b.key && a.arrival !== b.arrival) throw new TypeError("no order");
      return a.key - b.key;
    });
    for (let each = 0; each < 1_000; each++) line.add({ key: each * 7 % 1_000, arrival: 0 });
    assertThrows(() => line.add({ key, arrival: 1 }), TypeError, "no order");
    assertEquals(line.size, 1_000);
  }
});

test("SortedLine.add() makes few comparisons, and take() none", () => {
  let compared = 0;
  const line = new SortedLine<number>((a, b) => (compared++, a - b));
  const random = seeded(7);
  for (let i = 0; i < 10_000; i++) line.add(random.below(1_000));
  // The logarithm of 10,000 is 13.3, and a search may make one more comparison on both of its levels.
  assertLess(compared / 10_000, 16);
  compared = 0;
  drain(line);
  assertEquals(compared, 0);
});
