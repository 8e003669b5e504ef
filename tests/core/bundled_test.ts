import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { BUNDLED } from "../../src/core/bundled.ts";

test("BUNDLED is false where the library has files of its own", () => {
  assertEquals(BUNDLED, false);
});
