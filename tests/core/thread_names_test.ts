import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { LONGEST_NAME, nameOf, noteName } from "../../src/core/thread_names.ts";
import { NAME_SLOTS } from "../../src/core/thread_table.ts";

// Numbers that no thread of this process has.
const [A, B] = [60_001, 60_002] as const;

test("nameOf() returns what noteName() was told, letter for letter", () => {
  for (const name of ["", "a", "worker 12", "Müller 🧵 ß", "\u0000\uffff", "x".repeat(LONGEST_NAME)]) {
    noteName(A, name);
    noteName(B, "other");
    assertEquals([nameOf(A), nameOf(B)], [name, "other"]);
  }
});

test("nameOf() cuts a name that is too long, and forgets an older one", () => {
  noteName(A, "x".repeat(LONGEST_NAME + 1));
  assertEquals(nameOf(A), "x".repeat(LONGEST_NAME - 3) + "...");
  noteName(A, "short");
  assertEquals(nameOf(A), "short");
});

test("nameOf() knows the main thread, and no thread whose slot another one has", () => {
  assertEquals(nameOf(1), "MainThread");
  noteName(A, "first");
  noteName(A + NAME_SLOTS, "second");
  assertEquals([nameOf(A), nameOf(A + NAME_SLOTS), nameOf(A + 5)], [undefined, "second", undefined]);
});
