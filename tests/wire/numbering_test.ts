import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { Numbering } from "../../src/wire/numbering.ts";

test("Numbering.meet() numbers objects in order of their first use", () => {
  const numbering = new Numbering();
  const [a, b, c] = [{}, {}, {}];
  assertEquals([a, b, a, c, b, c].map((value) => numbering.meet(value)), [undefined, undefined, 0, undefined, 1, 2]);
  assertEquals(numbering.size, 3);
});

test("Numbering.shrink() removes the latest objects", () => {
  const numbering = new Numbering();
  const [a, b, c] = [{}, {}, {}];
  for (const value of [a, b, c]) numbering.meet(value);
  numbering.shrink(1);
  assertEquals([numbering.size, numbering.meet(a), numbering.meet(c), numbering.meet(b)], [1, 0, undefined, undefined]);
  numbering.shrink(0);
  assertEquals([numbering.size, numbering.meet(b)], [0, undefined]);
});

test("Numbering.clear() starts again at 0", () => {
  const numbering = new Numbering();
  const value = {};
  numbering.meet(value);
  numbering.clear();
  assertEquals([numbering.size, numbering.meet(value), numbering.meet(value)], [0, undefined, 0]);
});
