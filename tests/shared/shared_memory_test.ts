import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { SharedMemory } from "../../mod.ts";

/** For values that the types forbid. */
// deno-lint-ignore no-explicit-any
const Loose = SharedMemory as any;

test("SharedMemory is a block of zeros in shared memory", () => {
  const memory = new SharedMemory(1000);
  assertStrictEquals(memory.bytes.constructor, Uint8Array);
  assertStrictEquals(memory.bytes.buffer.constructor, SharedArrayBuffer);
  assertEquals([memory.size, memory.bytes.length, memory.bytes.buffer.byteLength], [1000, 1000, 1000]);
  assert(memory.bytes.every((byte) => byte === 0));
  memory.bytes[999] = 7;
  assertEquals(memory.bytes[999], 7);
  assertStrictEquals(memory.bytes, memory.bytes);
});

test("SharedMemory has the given name, or a unique one", () => {
  assertEquals(new SharedMemory(1, { name: "picture" }).name, "picture");
  const names = Array.from({ length: 100 }, () => new SharedMemory(1).name);
  assertEquals(new Set(names).size, 100);
  assert(names.every((name) => /^memory-[\w-]+$/.test(name)), names[0]);
  assertEquals(new SharedMemory(1, { name: "__proto__" }).name, "__proto__");
});

test("SharedMemory rejects a bad size", () => {
  for (const size of [0, -1, 1.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(
      () => new SharedMemory(size),
      RangeError,
      `Cannot make shared memory as 'bytes' must be an integer of at least 1: current value is ${size}`,
    );
  }
  for (const size of [undefined, null, "8", 8n, {}, new Uint8Array(8)]) {
    assertThrows(() => new Loose(size), TypeError, "Cannot make shared memory as 'bytes' must be a number");
  }
});

test("SharedMemory rejects bad options", () => {
  for (const options of [null, "name", 5]) {
    assertThrows(() => new Loose(1, options), TypeError, "Cannot make shared memory as 'options' must be an object");
  }
  for (const name of [5, null, {}]) {
    const words = "Cannot make shared memory as 'name' must be a string: current value is ";
    assertThrows(() => new Loose(1, { name }), TypeError, words);
  }
});

test("SharedMemory throws RangeError if there is not enough memory", () => {
  const words = `Cannot make shared memory: not enough memory (number of bytes is ${2 ** 52})`;
  assertInstanceOf(assertThrows(() => new SharedMemory(2 ** 52), RangeError, words).cause, Error);
});
