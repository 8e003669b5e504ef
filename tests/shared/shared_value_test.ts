import { test } from "node:test";
import { assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { Lock, type SharedType, SharedValue } from "../../mod.ts";
import { FLOATS, INTEGERS, isBig, item, TYPES } from "./types.ts";

/** For values that the types forbid. */
// deno-lint-ignore no-explicit-any
const Loose = SharedValue as any;

for (const { type, least, most } of TYPES) {
  test(`SharedValue of ${type} starts with its initial value or 0, and holds all values of its range`, () => {
    assertEquals(new SharedValue(type).value, item(type, 0));
    assertEquals(new SharedValue(type, item(type, 5)).value, item(type, 5));
    const value = new SharedValue(type, least);
    assertEquals([value.type, value.value], [type, least]);
    value.value = most;
    assertEquals(value.value, most);
  });

  test(`SharedValue.add() of ${type} returns the previous value`, () => {
    const value = new SharedValue(type, item(type, 5));
    assertEquals([value.add(item(type, 3)), value.value], [item(type, 5), item(type, 8)]);
    assertEquals([value.add(item(type, 0)), value.value], [item(type, 8), item(type, 8)]);
    assertEquals([value.add(item(type, -7)), value.value], [item(type, 8), item(type, 1)]);
  });

  test(`SharedValue.compareExchange() of ${type} replaces only the expected value, and returns the old one`, () => {
    const value = new SharedValue(type, item(type, 5));
    assertEquals([value.compareExchange(item(type, 4), item(type, 9)), value.value], [item(type, 5), item(type, 5)]);
    assertEquals([value.compareExchange(item(type, 5), item(type, 9)), value.value], [item(type, 5), item(type, 9)]);
    assertEquals([value.compareExchange(item(type, 9), item(type, 9)), value.value], [item(type, 9), item(type, 9)]);
    value.value = most;
    assertEquals([value.compareExchange(most, least), value.value], [most, least]);
  });

  test(`SharedValue of ${type} rejects values of other types, and keeps its value`, () => {
    const wrong = isBig(type) ? 5 : 5n;
    const value = new Loose(type, item(type, 1));
    const attempts: [string, unknown, () => unknown][] = [wrong, "5", null, undefined, [], {}, true].flatMap((bad) => [
      ["add as 'amount'", bad, () => value.add(bad)],
      ["set as 'value'", bad, () => value.value = bad],
      ["exchange as 'expected'", bad, () => value.compareExchange(bad, item(type, 2))],
      ["exchange as 'value'", bad, () => value.compareExchange(item(type, 1), bad)],
    ]);
    for (const bad of [wrong, "5", null, {}]) {
      attempts.push(["make a shared value as 'initial'", bad, () => new Loose(type, bad)]);
    }
    const kind = isBig(type) ? "bigint" : "number";
    for (const [what, , attempt] of attempts) {
      assertThrows(attempt, TypeError, `Cannot ${what} must be a ${kind} to go into "${type}": current value is `);
    }
    assertEquals(value.value, item(type, 1));
  });
}

for (const { type, least, most } of INTEGERS) {
  test(`SharedValue of ${type} wraps around`, () => {
    const value = new SharedValue(type, most);
    assertEquals([value.add(item(type, 1)), value.value], [most, least]);
    assertEquals([value.add(item(type, -1)), value.value], [least, most]);
    value.value = typeof most === "bigint" ? most + 2n : most + 2;
    assertEquals(value.value, typeof least === "bigint" ? least + 1n : least + 1);
  });

  if (isBig(type)) continue;
  test(`SharedValue of ${type} rejects fractions, NaN and Infinity`, () => {
    const value = new Loose(type, 1);
    for (const bad of [1.5, NaN, Infinity, -Infinity, Number.MIN_VALUE]) {
      const words = `must be an integer to go into "${type}": current value is ${bad}`;
      assertThrows(() => new Loose(type, bad), RangeError, words);
      assertThrows(() => value.value = bad, RangeError, words);
      assertThrows(() => value.add(bad), RangeError, words);
      assertThrows(() => value.compareExchange(bad, 2), RangeError, words);
      assertThrows(() => value.compareExchange(1, bad), RangeError, words);
    }
    assertEquals(value.value, 1);
  });
}

for (const { type } of FLOATS) {
  test(`SharedValue of ${type} holds NaN, -0 and infinities, and adds like floats`, () => {
    const value = new SharedValue(type, -0);
    assertStrictEquals(value.value, -0);
    assertStrictEquals(value.add(-0), -0);
    assertStrictEquals(value.value, -0);
    value.add(0);
    assertStrictEquals(value.value, 0);
    value.add(Infinity);
    assertEquals(value.value, Infinity);
    value.add(-Infinity);
    assertEquals(value.value, NaN);
    assertEquals([value.add(1), value.value], [NaN, NaN]);
    value.value = 1;
    assertEquals([value.add(0.25), value.value], [1, 1.25]);
  });

  test(`SharedValue.compareExchange() of ${type} treats all NaN values as equal, and -0 as 0`, () => {
    const value = new SharedValue(type, NaN);
    assertEquals([value.compareExchange(0, 1), value.value], [NaN, NaN]);
    assertEquals([value.compareExchange(NaN, 1), value.value], [NaN, 1]);
    assertEquals([value.compareExchange(NaN, 2), value.value], [1, 1]);
    value.value = -0;
    assertStrictEquals(value.compareExchange(0, 1), -0);
    assertEquals(value.value, 1);
    value.value = 0;
    assertStrictEquals(value.compareExchange(-0, -0), 0);
    assertStrictEquals(value.value, -0);
  });
}

test("SharedValue.compareExchange() of float32 rounds the expected number", () => {
  const value = new SharedValue("float32", 0.1);
  assertEquals(value.value, Math.fround(0.1));
  assertEquals([value.compareExchange(0.1, 0.2), value.value], [Math.fround(0.1), Math.fround(0.2)]);
});

test("SharedValue throws TypeError for an unknown type, and names the types", () => {
  for (const type of ["int64", "", "__proto__", "constructor", "toString", undefined, null, 8, Int32Array]) {
    const words = 'Cannot make a shared value as \'type\' must be one of "int8", "uint8"';
    assertThrows(() => new Loose(type, 0), TypeError, words);
  }
});

test("SharedValue.lock is always the same lock, and free initially", async () => {
  const value = new SharedValue("int8");
  assertInstanceOf(value.lock, Lock);
  assertStrictEquals(value.lock, value.lock);
  assertEquals(value.lock.locked, false);
  await value.lock.run(() => assertEquals(value.lock.locked, true));
});

test("SharedValue has the type of its items: number or bigint", () => {
  const number: number = new SharedValue("uint8", 1).add(1);
  const big: bigint = new SharedValue("biguint64", 1n).add(1n);
  // @ts-expect-error a bigint is no number
  assertThrows(() => new SharedValue("uint8", 1n), TypeError);
  // @ts-expect-error a number is no bigint
  assertThrows(() => new SharedValue("bigint64", 1).add(1n), TypeError);
  const any: SharedValue<SharedType> = new SharedValue("int8", 1);
  assertEquals([number, big, any.value], [1, 1n, 1]);
});
