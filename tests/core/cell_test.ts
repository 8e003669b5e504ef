import { test } from "node:test";
import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import {
  addInteger,
  compareExchange,
  compareExchangeInteger,
  load,
  loadInteger,
  notifyAll,
  store,
  storeInteger,
  waitSync,
} from "../../src/core/cell.ts";
import { SHORT } from "../support/timing.ts";

/** Timers and clocks differ by up to a tick. */
const TICK = 2;

function cells(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(16));
}

test("load() returns the value that store() wrote, in that cell only", () => {
  const memory = cells();
  store(memory, 1, -7);
  assertEquals([0, 1, 2].map((index) => load(memory, index)), [0, -7, 0]);
});

test("store() wraps like a 32-bit integer", () => {
  const memory = cells();
  store(memory, 0, 2 ** 31);
  assertEquals(load(memory, 0), -(2 ** 31));
});

test("compareExchange() writes only if the cell has the expected value", () => {
  const memory = cells();
  store(memory, 0, 5);
  assertEquals([compareExchange(memory, 0, 4, 9), load(memory, 0)], [5, 5]);
  assertEquals([compareExchange(memory, 0, 5, 9), load(memory, 0)], [5, 9]);
});

test("waitSync() returns at once if the cell holds another value", () => {
  const memory = cells();
  store(memory, 0, 1);
  waitSync(memory, 0, 0, Infinity);
});

test("waitSync() gives up after its timeout", () => {
  const before = performance.now();
  waitSync(cells(), 0, 0, SHORT);
  assertGreaterOrEqual(performance.now() - before, SHORT - TICK);
});

test("notifyAll() has no effect without waiters", () => {
  const memory = cells();
  notifyAll(memory, 0);
  assertEquals(load(memory, 0), 0);
});

test("storeInteger(), addInteger() and compareExchangeInteger() work on integers of any width", () => {
  const memory = new SharedArrayBuffer(16);
  const small = new Uint8Array(memory);
  storeInteger(small, 1, 300);
  assertEquals([loadInteger(small, 1), addInteger(small, 1, 212), [...small.subarray(0, 3)]], [44, 44, [0, 0, 0]]);
  assertEquals([compareExchangeInteger(small, 1, 1, 9), compareExchangeInteger(small, 1, 0, 9), small[1]], [0, 0, 9]);
  const large = new BigInt64Array(memory);
  storeInteger(large, 1, 2n ** 63n - 1n);
  assertEquals([addInteger(large, 1, 1n), loadInteger(large, 1)], [2n ** 63n - 1n, -(2n ** 63n)]);
  assertEquals([compareExchangeInteger(large, 1, -(2n ** 63n), 5n), large[1]], [-(2n ** 63n), 5n]);
});
