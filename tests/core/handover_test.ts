import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { Handover } from "../../src/core/handover.ts";

const parts = new Handover<number>();

class Part {
  readonly number = parts.take();

  constructor(fail = false) {
    if (fail) throw new Error("before the end");
  }
}

test("Handover.give() passes a value to one constructor", () => {
  assertEquals(parts.give(7, () => [new Part().number, new Part().number]), [7, undefined]);
  assertEquals(new Part().number, undefined);
});

test("Handover.give() keeps nothing for a later constructor if no constructor took the value", () => {
  assertThrows(
    () =>
      parts.give(7, () => {
        throw new Error("first");
      }),
    Error,
    "first",
  );
  assertEquals(new Part().number, undefined);
  assertThrows(() => parts.give(7, () => new Part(true)), Error, "before");
  assertEquals(new Part().number, undefined);
});

test("Handover.put() stores a value for the next constructor", () => {
  parts.put(8);
  assertEquals([new Part().number, new Part().number], [8, undefined]);
});
