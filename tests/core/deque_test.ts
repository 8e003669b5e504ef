import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Deque } from "../../src/core/deque.ts";
import { type Random, seeded } from "./random.ts";

test("Deque.shift() returns items in the order they were pushed", () => {
  const deque = new Deque<number>();
  for (let i = 0; i < 100; i++) deque.push(i);
  assertEquals(drain(deque), Array.from({ length: 100 }, (_, i) => i));
});

test("Deque.unshift() puts an item before all others", () => {
  const deque = new Deque<string>();
  deque.push("b");
  deque.unshift("a");
  deque.push("c");
  assertEquals(drain(deque), ["a", "b", "c"]);
});

test("Deque.peek() returns the front without taking it", () => {
  const deque = new Deque<number>();
  deque.push(1);
  deque.push(2);
  assertEquals([deque.peek(), deque.peek(), deque.size], [1, 1, 2]);
});

test("Deque.shift() and peek() return undefined when the deque is empty", () => {
  const deque = new Deque<number>();
  assertEquals([deque.shift(), deque.peek(), deque.size], [undefined, undefined, 0]);
  deque.push(1);
  deque.shift();
  assertEquals([deque.shift(), deque.peek(), deque.size], [undefined, undefined, 0]);
});

test("Deque holds undefined like any other item", () => {
  const deque = new Deque<undefined>();
  deque.push(undefined);
  assertEquals(deque.size, 1);
  deque.shift();
  assertEquals(deque.size, 0);
});

test("Deque keeps its order while it grows and shrinks around the end of its ring", () => {
  const deque = new Deque<number>();
  let written = 0, read = 0;
  for (const [pushed, shifted] of [[10, 8], [20, 5], [5_000, 4_000], [3_000, 4_010], [20_000, 20_000], [5, 12]]) {
    for (let i = 0; i < pushed!; i++) deque.push(written++);
    for (let i = 0; i < shifted!; i++) assertEquals(deque.shift(), read++);
    assertEquals(deque.size, written - read);
  }
  assertEquals(deque.size, 0);
});

for (const seed of [1, 2, 3, 4]) {
  test(`Deque matches an array in 20,000 random operations (seed ${seed})`, () => compare(seeded(seed)));
}

function compare(random: Random): void {
  const deque = new Deque<number>();
  const model: number[] = [];
  // Alternate phases of growth and shrinking, so that the ring grows far beyond its first size and becomes empty again.
  let rising = 0.5;
  for (let step = 0; step < 20_000; step++) {
    if (step % 1_000 === 0) rising = 0.2 + random.next() * 0.6;
    if (random.next() < rising) {
      if (random.below(4) === 0) deque.unshift(step), model.unshift(step);
      else deque.push(step), model.push(step);
    } else assertEquals(deque.shift(), model.shift());
    if (deque.size !== model.length || deque.peek() !== model[0]) {
      assertEquals([deque.size, deque.peek()], [model.length, model[0]], `after step ${step}`);
    }
  }
  assertEquals(drain(deque), model);
}

function drain<T>(deque: Deque<T>): T[] {
  const items: T[] = [];
  while (deque.size > 0) items.push(deque.shift()!);
  return items;
}

test("Deque iterates over its items from front to back, and keeps them", () => {
  const deque = new Deque<number>();
  assertEquals([...deque], []);
  for (let i = 0; i < 20; i++) deque.push(i);
  for (let i = 0; i < 5; i++) deque.push(deque.shift()!);
  deque.unshift(-1);
  assertEquals([...deque], [-1, ...Array.from({ length: 15 }, (_, i) => i + 5), 0, 1, 2, 3, 4]);
  assertEquals([deque.size, deque.shift()], [21, -1]);
});
