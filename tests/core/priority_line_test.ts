import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { PriorityLine } from "../../src/core/priority_line.ts";
import { type Random, seeded } from "./random.ts";

test("PriorityLine.shift() returns the highest priority first", () => {
  const line = lineOf([["low", -1], ["high", 2], ["middle", 0], ["highest", 2.5]]);
  assertEquals(drain(line), ["highest", "high", "middle", "low"]);
});

test("PriorityLine.shift() returns equal priorities in order of arrival", () => {
  const line = lineOf([["a", 1], ["b", 0], ["c", 1], ["d", 0], ["e", 1]]);
  assertEquals(drain(line), ["a", "c", "e", "b", "d"]);
});

test("PriorityLine.unshift() puts an item before those of its priority, behind higher ones", () => {
  const line = lineOf([["a", 1], ["b", 0]]);
  line.unshift("back", 0);
  assertEquals(drain(line), ["a", "back", "b"]);
});

test("PriorityLine.peek() returns the item that shift() takes next", () => {
  const line = lineOf([["a", 0], ["b", 3]]);
  assertEquals([line.peek(), line.shift(), line.peek(), line.shift(), line.peek()], ["b", "b", "a", "a", undefined]);
});

test("PriorityLine.shift() returns undefined when the queue is empty", () => {
  const line = new PriorityLine<string>();
  assertEquals([line.shift(), line.peek(), line.size], [undefined, undefined, 0]);
});

test("PriorityLine serves a lower priority once a higher one is empty", () => {
  const line = lineOf([["a", 9]]);
  line.shift();
  line.push("b", -9);
  assertEquals([line.peek(), line.shift(), line.size], ["b", "b", 0]);
});

test("PriorityLine serves infinite priorities first and last", () => {
  const line = lineOf([["last", -Infinity], ["first", Infinity], ["middle", 0]]);
  assertEquals(drain(line), ["first", "middle", "last"]);
});

for (const seed of [1, 2, 3]) {
  test(`PriorityLine matches a sorted array in 10,000 random operations (seed ${seed})`, () => {
    compare(seeded(seed));
  });
}

interface Entry {
  item: number;
  priority: number;
}

function compare(random: Random): void {
  const line = new PriorityLine<number>();
  const model: Entry[] = [];
  for (let step = 0; step < 10_000; step++) {
    const priority = random.pick([0, 0, 0, 1, -1, 5, 0.5]);
    const action = random.next();
    if (action < 0.4) {
      line.push(step, priority);
      insert(model, { item: step, priority }, (other) => other.priority < priority);
    } else if (action < 0.5) {
      line.unshift(step, priority);
      insert(model, { item: step, priority }, (other) => other.priority <= priority);
    } else assertEquals(line.shift(), model.shift()?.item, `at step ${step}`);
    assertEquals([line.size, line.peek()], [model.length, model[0]?.item], `after step ${step}`);
  }
}

function insert(model: Entry[], entry: Entry, isBehind: (other: Entry) => boolean): void {
  const place = model.findIndex(isBehind);
  model.splice(place === -1 ? model.length : place, 0, entry);
}

function lineOf(items: [string, number][]): PriorityLine<string> {
  const line = new PriorityLine<string>();
  for (const [item, priority] of items) line.push(item, priority);
  return line;
}

function drain<T>(line: PriorityLine<T>): T[] {
  const items: T[] = [];
  while (line.size > 0) items.push(line.shift()!);
  return items;
}
