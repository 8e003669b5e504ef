import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import * as tags from "../../src/wire/tags.ts";

test("Every tag is a unique byte", () => {
  const values = Object.values(tags).filter((value) => typeof value === "number");
  assertEquals(new Set(values).size, values.length);
  for (const value of values) assert(Number.isInteger(value) && value >= 0 && value < 256);
});

test("VIEW_KINDS names every view of this runtime, once", () => {
  assertEquals(new Set(tags.VIEW_KINDS).size, tags.VIEW_KINDS.length);
  const names = Object.getOwnPropertyNames(globalThis).filter((name) =>
    /^(Big)?(Ui|I)nt\d+(Clamped)?Array$|^Float\d+Array$/.test(name)
  );
  assert(names.length >= 11);
  for (const name of [...names, "DataView"]) assert(tags.VIEW_KINDS.includes(name), name);
});
