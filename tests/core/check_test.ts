import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  checkDuration,
  checkFraction,
  checkFunction,
  checkInteger,
  checkIntegerOr,
  checkOneOf,
  checkSignal,
  show,
} from "../../src/core/check.ts";

const WHAT = "Cannot go on as 'x'";

/** Returns the class and message of a check's error, or the value it returned. */
function verdict(check: () => unknown): string {
  try {
    return `returns ${show(check())}`;
  } catch (error) {
    return `${(error as Error).constructor.name}: ${(error as Error).message}`;
  }
}

test("show() formats every kind of value", () => {
  const pictures: [unknown, string][] = [
    ["text", '"text"'],
    ['a "quote"\n', '"a \\"quote\\"\\n"'],
    [1.5, "1.5"],
    [NaN, "NaN"],
    [-0, "0"],
    [12n, "12n"],
    [true, "true"],
    [null, "null"],
    [undefined, "undefined"],
    [Symbol("s"), "Symbol(s)"],
    [[], "an array"],
    [{}, "an object"],
    [new Date(), "an object"],
    [Object.create(null), "an object"],
    [function named() {}, "function named"],
    [() => {}, "a function"],
  ];
  for (const [value, picture] of pictures) assertEquals(show(value), picture);
});

test("show() truncates long strings", () => {
  assertEquals(show("x".repeat(61)), `"${"x".repeat(60)}..."`);
  assertEquals(show("x".repeat(60)), `"${"x".repeat(60)}"`);
});

test("show() never throws", () => {
  const { proxy, revoke } = Proxy.revocable([], {});
  const called = Proxy.revocable(() => {}, {});
  revoke();
  called.revoke();
  const odd: unknown[] = [
    proxy,
    called.proxy,
    class {
      static readonly name = Symbol("no text") as never;
    },
    Object.defineProperty(() => {}, "name", {
      get: () => {
        throw new Error("no name");
      },
    }),
  ];
  for (const value of odd) assertEquals(typeof show(value), "string");
});

test("checkInteger() returns an integer in range", () => {
  for (const value of [1, 2, 4]) assertEquals(checkInteger(WHAT, value, 1, 4), value);
  assertEquals(checkInteger(WHAT, Number.MAX_SAFE_INTEGER, 0), Number.MAX_SAFE_INTEGER);
});

test("checkInteger() names the mistake, with the value last", () => {
  const verdicts: [unknown, string][] = [
    [9, "RangeError: Cannot go on as 'x' must be an integer from 1 to 4: current value is 9"],
    [0, "RangeError: Cannot go on as 'x' must be an integer from 1 to 4: current value is 0"],
    [1.5, "RangeError: Cannot go on as 'x' must be an integer from 1 to 4: current value is 1.5"],
    [NaN, "RangeError: Cannot go on as 'x' must be an integer from 1 to 4: current value is NaN"],
    [Infinity, "RangeError: Cannot go on as 'x' must be an integer from 1 to 4: current value is Infinity"],
    ["2", "TypeError: Cannot go on as 'x' must be a number: current value is \"2\""],
    [2n, "TypeError: Cannot go on as 'x' must be a number: current value is 2n"],
    [null, "TypeError: Cannot go on as 'x' must be a number: current value is null"],
  ];
  for (const [value, expected] of verdicts) assertEquals(verdict(() => checkInteger(WHAT, value, 1, 4)), expected);
});

test("checkInteger() without an upper limit names the lower one", () => {
  const expected = "RangeError: Cannot go on as 'x' must be an integer of at least 1: current value is 0";
  assertEquals(verdict(() => checkInteger(WHAT, 0, 1)), expected);
  assert(verdict(() => checkInteger(WHAT, 2 ** 53, 1)).startsWith("RangeError"));
});

test("checkDuration() accepts zero, positive numbers and Infinity", () => {
  for (const value of [0, 0.5, 1e12, Infinity]) assertEquals(checkDuration(WHAT, value), value);
});

test("checkDuration() rejects negative numbers, NaN and other types", () => {
  const verdicts: [unknown, string][] = [
    [-1, "RangeError: Cannot go on as 'x' must be 0 ms or more: current value is -1"],
    [NaN, "RangeError: Cannot go on as 'x' must be 0 ms or more: current value is NaN"],
    ["1s", "TypeError: Cannot go on as 'x' must be a number of ms: current value is \"1s\""],
    [undefined, "TypeError: Cannot go on as 'x' must be a number of ms: current value is undefined"],
  ];
  for (const [value, expected] of verdicts) assertEquals(verdict(() => checkDuration(WHAT, value)), expected);
});

test("checkFraction() accepts numbers from 0 to 1, and rejects others", () => {
  for (const value of [0, 0.5, 1]) assertEquals(checkFraction(WHAT, value), value);
  const verdicts: [unknown, string][] = [
    [1.1, "RangeError: Cannot go on as 'x' must be a number from 0 to 1: current value is 1.1"],
    [NaN, "RangeError: Cannot go on as 'x' must be a number from 0 to 1: current value is NaN"],
    ["1", "TypeError: Cannot go on as 'x' must be a number from 0 to 1: current value is \"1\""],
  ];
  for (const [value, expected] of verdicts) assertEquals(verdict(() => checkFraction(WHAT, value)), expected);
});

test("checkSignal() accepts a signal or undefined", () => {
  const { signal } = new AbortController();
  assertStrictEquals(checkSignal(WHAT, signal), signal);
  assertStrictEquals(checkSignal(WHAT, undefined), undefined);
});

test("checkSignal() rejects a controller, null and look-alikes", () => {
  for (const value of [new AbortController(), null, { aborted: false, addEventListener: () => {} }]) {
    assertThrows(() => checkSignal(WHAT, value), TypeError, "Cannot go on as 'x' must be an AbortSignal: ");
  }
});

test("checkOneOf() returns an allowed value, and lists the allowed ones otherwise", () => {
  assertEquals(checkOneOf(WHAT, "b", ["a", "b"]), "b");
  const expected = 'TypeError: Cannot go on as \'x\' must be one of "a", "b": current value is "c"';
  assertEquals(verdict(() => checkOneOf(WHAT, "c", ["a", "b"])), expected);
  assertThrows(() => checkOneOf(WHAT, undefined, ["a", "b"]), TypeError);
});

test("checkOneOf() suggests the nearest word", () => {
  const near = verdict(() => checkOneOf(WHAT, "Reject", ["wait", "reject"]));
  assert(near.endsWith('current value is "Reject", did you mean "reject"?'), near);
});

test("checkFunction() accepts only functions", () => {
  checkFunction(WHAT, () => {});
  checkFunction(WHAT, class {});
  const expected = "TypeError: Cannot go on as 'x' must be a function: current value is an object";
  assertEquals(verdict(() => checkFunction(WHAT, {})), expected);
});

test("checkIntegerOr() accepts a word or an integer", () => {
  const check = (value: unknown) => checkIntegerOr(WHAT, "auto", value, 1, 4);
  for (const value of ["auto", 1, 4]) assertEquals(check(value), value);
  const verdicts: [unknown, string][] = [
    [
      "Auto",
      'TypeError: Cannot go on as \'x\' must be "auto" or a number: current value is "Auto", did you mean "auto"?',
    ],
    ["2", 'TypeError: Cannot go on as \'x\' must be "auto" or a number: current value is "2"'],
    [null, "TypeError: Cannot go on as 'x' must be \"auto\" or a number: current value is null"],
    [5, "RangeError: Cannot go on as 'x' must be an integer from 1 to 4: current value is 5"],
  ];
  for (const [value, expected] of verdicts) assertEquals(verdict(() => check(value)), expected);
});
