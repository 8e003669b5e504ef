import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { BUNDLED } from "../../src/core/bundled.ts";

test("BUNDLED is false when the library runs from its own files", () => {
  assertEquals(BUNDLED, false);
});
