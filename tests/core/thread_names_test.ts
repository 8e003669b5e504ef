import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { LONGEST_NAME, nameOf, noteName } from "../../src/core/thread_names.ts";
import { NAME_SLOTS } from "../../src/core/thread_table.ts";

// No thread of this process has these numbers.
const [A, B] = [60_001, 60_002] as const;

test("nameOf() returns the exact name passed to noteName()", () => {
  for (const name of ["", "a", "worker 12", "Müller 🧵 ß", "\u0000\uffff", "x".repeat(LONGEST_NAME)]) {
    noteName(A, name);
    noteName(B, "other");
    assertEquals([nameOf(A), nameOf(B)], [name, "other"]);
  }
});

test("nameOf() truncates a name that is too long, and replaces an older one", () => {
  noteName(A, "x".repeat(LONGEST_NAME + 1));
  assertEquals(nameOf(A), "x".repeat(LONGEST_NAME - 3) + "...");
  noteName(A, "short");
  assertEquals(nameOf(A), "short");
});

test("nameOf() knows the main thread, but not a thread whose slot was reused", () => {
  assertEquals(nameOf(1), "MainThread");
  noteName(A, "first");
  noteName(A + NAME_SLOTS, "second");
  assertEquals([nameOf(A), nameOf(A + NAME_SLOTS), nameOf(A + 5)], [undefined, "second", undefined]);
});
