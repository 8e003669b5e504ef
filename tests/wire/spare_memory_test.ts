import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { test } from "node:test";
import { keepMemory, takeMemory } from "../../src/wire/spare_memory.ts";

test("takeMemory() returns kept memory of the same size, once", () => {
  const memory = new SharedArrayBuffer(1000);
  keepMemory(memory);
  assertEquals(takeMemory(999).byteLength, 999);
  assertStrictEquals(takeMemory(1000), memory);
  assertNotStrictEquals(takeMemory(1000), memory);
});

test("keepMemory() keeps a piece once, even if a message names it repeatedly", () => {
  const memory = new SharedArrayBuffer(1001);
  keepMemory(memory);
  keepMemory(memory);
  assertStrictEquals(takeMemory(1001), memory);
  assertNotStrictEquals(takeMemory(1001), memory);
});

test("keepMemory() keeps a bounded number of pieces and bytes, the latest", () => {
  const first = new SharedArrayBuffer(2000);
  keepMemory(first);
  const others = Array.from({ length: 16 }, () => new SharedArrayBuffer(2001));
  for (const memory of others) keepMemory(memory);
  assertNotStrictEquals(takeMemory(2000), first);
  const large = [1, 2, 3].map(() => new SharedArrayBuffer(4 * 2 ** 20));
  for (const memory of large) keepMemory(memory);
  assert(!others.includes(takeMemory(2001)));
  const taken = [1, 2, 3].map(() => takeMemory(4 * 2 ** 20));
  assertEquals(taken.map((memory) => large.indexOf(memory)), [1, 2, -1]);
});

test("keepMemory() does not keep huge pieces", () => {
  const huge = new SharedArrayBuffer(9 * 2 ** 20);
  keepMemory(huge);
  assertNotStrictEquals(takeMemory(9 * 2 ** 20), huge);
});
