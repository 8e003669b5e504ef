import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { checkOrderable, compareNaturally } from "../../src/queue/natural_order.ts";

test("compareNaturally() is antisymmetric", () => {
  const pairs: [unknown, unknown, number][] = [
    [1, 2, -1],
    [2n, 2, 0],
    [0, -0, 0],
    ["a", "b", -1],
    ["10", "9", -1],
    [[1, "a"], [1, "b"], -1],
    [[1], [1, 5], -1],
    [[], [], 0],
    [[2], [1, 5], 1],
    [[[1, 2], 3], [[1, 2], 3n], 0],
  ];
  for (const [a, b, order] of pairs) {
    assertEquals(Math.sign(compareNaturally(a, b)), order);
    assertEquals(Math.sign(compareNaturally(b, a)) + order, 0);
  }
});

test("compareNaturally() treats the same object as equal, and compares the items behind it", () => {
  const object = {};
  assertEquals(compareNaturally([1, object], [1, object]), 0);
  assertEquals(Math.sign(compareNaturally([1, object, 2], [1, object, 3])), -1);
});

test("compareNaturally() throws for values without an order", () => {
  const pairs = [[1, "1"], [1, NaN], [NaN, NaN], [{}, {}], [1, null], [undefined, null], [[1], 1], [true, false]];
  for (const [a, b] of pairs) {
    assertThrows(() => compareNaturally(a, b), TypeError, "must be comparable with");
    assertThrows(() => compareNaturally([0, b], [0, a]), TypeError, "must be comparable with");
  }
  assertThrows(
    () => compareNaturally(1, "x"),
    TypeError,
    `'item' must be comparable with 1 in the queue: current value is "x"`,
  );
});

test("checkOrderable() accepts values that can be ordered", () => {
  for (const item of [0, -Infinity, 1n, "", [], [1], ["a", {}], [[1, 2], NaN.toString()]]) checkOrderable(item);
  for (const item of [NaN, undefined, null, true, {}, [undefined], [[{}]], [1, NaN]]) {
    assertThrows(() => checkOrderable(item), TypeError, "Cannot put");
  }
});
