import { test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { optionNames } from "../../src/core/options.ts";
import { checkWait, NO_LIMITS, type WaitOptions } from "../../src/core/wait_options.ts";

test("checkWait() without options sets no limits", () => {
  assertStrictEquals(checkWait("Cannot wait", undefined), NO_LIMITS);
  assertEquals(NO_LIMITS, { timeout: Infinity, signal: undefined });
  assertEquals(checkWait("Cannot wait", {}), NO_LIMITS);
  assertEquals(checkWait("Cannot wait", { timeout: undefined, signal: undefined }), NO_LIMITS);
});

test("checkWait() returns only the given limits", () => {
  const { signal } = new AbortController();
  const known = optionNames<WaitOptions & { count: number }>({ count: true, timeout: true, signal: true });
  for (const timeout of [0, 0.5, 1, 2 ** 31, Number.MAX_VALUE, Infinity]) {
    const limits = checkWait("Cannot wait", { timeout, signal, count: 5 } as WaitOptions, known);
    assertEquals(Object.keys(limits).sort(), ["signal", "timeout"]);
    assertEquals(limits.timeout, timeout);
    assertStrictEquals(limits.signal, signal);
  }
});

test("checkWait() accepts an aborted signal: the wait rejects with its reason", () => {
  const signal = AbortSignal.abort("gone");
  assertStrictEquals(checkWait("Cannot wait", { signal }).signal, signal);
});

test("checkWait() rejects a timeout that is negative or NaN", () => {
  for (const timeout of [-1, -0.001, -Infinity, NaN]) {
    const error = assertThrows(() => checkWait("Cannot acquire", { timeout }), RangeError);
    assertEquals(error.message, `Cannot acquire as 'timeout' must be 0 ms or more: current value is ${timeout}`);
  }
});

test("checkWait() rejects a timeout that is not a number", () => {
  for (const [timeout, shown] of [["5", '"5"'], [null, "null"], [5n, "5n"], [true, "true"], [{}, "an object"]]) {
    const error = assertThrows(() => checkWait("Cannot acquire", { timeout } as unknown as WaitOptions), TypeError);
    assertEquals(error.message, `Cannot acquire as 'timeout' must be a number of ms: current value is ${shown}`);
  }
});

test("checkWait() rejects a signal that is not an AbortSignal", () => {
  for (const signal of [null, {}, new AbortController(), "abort", { aborted: false }]) {
    const options = { signal } as unknown as WaitOptions;
    assertThrows(
      () => checkWait("Cannot acquire", options),
      TypeError,
      "Cannot acquire as 'signal' must be an AbortSignal",
    );
  }
});

test("checkWait() rejects options that are not an object", () => {
  for (const options of [null, 5, "5", true]) {
    const wait = () => checkWait("Cannot acquire", options as unknown as WaitOptions);
    assertThrows(wait, TypeError, "Cannot acquire as 'options' must be an object");
  }
});

test("checkWait() suggests the nearest option", () => {
  const error = assertThrows(() => checkWait("Cannot acquire", { timout: 5 } as WaitOptions), TypeError);
  assertEquals(error.message, 'Cannot acquire: unknown option "timout", did you mean "timeout"?');
  assertEquals(checkWait("Cannot acquire", { timout: undefined } as WaitOptions), NO_LIMITS);
});

test("checkWait() reads inherited options, but not those of Object.prototype", () => {
  const { signal } = new AbortController();
  class Limits {
    get timeout(): number {
      return 5;
    }
    describe(): void {}
  }
  assertEquals(checkWait("Cannot wait", new Limits()).timeout, 5);
  assertEquals(checkWait("Cannot wait", Object.create({ signal })).signal, signal);
  assertEquals(checkWait("Cannot wait", Object.assign(Object.create(null), { timeout: 5 })).timeout, 5);
  const prototype = Object.prototype as WaitOptions;
  prototype.timeout = 5;
  try {
    assertEquals(checkWait("Cannot wait", {}), NO_LIMITS);
    assertEquals(checkWait("Cannot wait", Object.create(null)), NO_LIMITS);
    assertEquals(checkWait("Cannot wait", Object.create({})), NO_LIMITS);
  } finally {
    delete prototype.timeout;
  }
});
