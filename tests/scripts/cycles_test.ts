import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { findCycles } from "../../scripts/checks/cycles.ts";

test("findCycles() finds nothing where all imports go down", () => {
  assertEquals(findCycles(new Map([["a", ["b", "c"]], ["b", ["c"]], ["c", []]])), []);
});

test("findCycles() finds a file that imports itself, directly or through others", () => {
  assertEquals(findCycles(new Map([["a", ["a"]]])), [["a"]]);
  assertEquals(findCycles(new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b"]]])), [["c", "b"]]);
});

test("findCycles() finds each of several cycles once", () => {
  const graph = new Map([["a", ["b", "c"]], ["b", ["a"]], ["c", ["a"]], ["d", ["a"]]]);
  assertEquals(findCycles(graph).map((cycle) => cycle.sort()), [["a", "b"], ["a", "c"]]);
});
