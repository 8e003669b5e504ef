import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { bun } from "../../src/runtime/bun.ts";
import { runtime } from "../../src/runtime/mod.ts";

const ASKS_BUN = "Bun" in globalThis ? false : "asks Bun about itself";

test("The adapter is Bun's on Bun", { skip: ASKS_BUN }, () => {
  assertEquals([runtime === bun, runtime.name], [true, "bun"]);
});

test("bun.missingPermissions() is always empty, since Bun has no permissions", () => {
  const denied = Object.assign(new Error("denied"), { code: "ERR_ACCESS_DENIED", name: "NotCapable" });
  assertEquals(bun.missingPermissions(denied), []);
});
