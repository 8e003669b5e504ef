import { test } from "node:test";
import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { RemoteError } from "../../src/core/errors.ts";
import { ValueEncoder } from "../../src/wire/encoder.ts";
import { processChannel } from "../../src/wire/process_link.ts";
import { judgeBy, salvage } from "../../src/wire/salvage.ts";
import { decode } from "./values.ts";

const judge = judgeBy((value, path) => new ValueEncoder(processChannel).encode(value, path));

test("salvage() copies the parts that can be cloned, and names the rest", () => {
  const fn = () => 1;
  const value = {
    status: 404,
    retry: fn,
    list: [1, fn, new Map<unknown, unknown>([["a", fn], ["b", 2]])],
    set: new Set([Symbol("s"), 3]),
    "odd key": { fn },
  };
  const { value: copy, leftOut } = salvage(value, "error", judge);
  assertEquals(copy, {
    status: 404,
    list: [1, undefined, new Map([["b", 2]])],
    set: new Set([3]),
    "odd key": {},
  });
  assertEquals(leftOut.map((line) => line.replace(/:.*/, "")), [
    "error.retry",
    "error.list[1]",
    'error.list[2].get("a")',
    "error.set.values()[0]",
    'error["odd key"].fn',
  ]);
});

test("salvage() copies cycles as cycles", () => {
  const value: Record<string, unknown> = { fn: () => {} };
  value.self = value;
  const copy = salvage(value, "error", judge).value as Record<string, unknown>;
  assertStrictEquals(copy.self, copy);
});

test("salvage() survives getters that throw, and treats __proto__ as a normal key", () => {
  const value = Object.defineProperty(JSON.parse('{"__proto__": 1}'), "broken", {
    enumerable: true,
    get: () => {
      throw new Error("no");
    },
  });
  value.fn = () => {};
  const { value: copy, leftOut } = salvage(value, "error", judge);
  assertEquals([Object.keys(copy as object), leftOut.length], [["__proto__"], 2]);
  assertStrictEquals(Object.getPrototypeOf(copy), Object.prototype);
});

test("A thrown object that cannot be cloned arrives with the parts that can", () => {
  const thrown = { status: 404, message: "not found", retry() {} };
  const error = decode(new ValueEncoder(processChannel).encodeError(thrown)) as RemoteError & { status: number };
  assertInstanceOf(error, RemoteError);
  assertEquals(error.status, 404);
  assertEquals(
    error.message,
    "The task threw an object, of which a part cannot travel: error.retry: a function cannot travel",
  );
});
