import { test } from "node:test";
import { assertEquals, assertInstanceOf } from "@std/assert";
import { deno } from "../../src/runtime/deno.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { sent } from "../wire/values.ts";

const ASKS_DENO = "Deno" in globalThis ? false : "asks Deno about itself";

function denied(message: string): Error {
  return Object.assign(new Error(message), { name: "NotCapable" });
}

test("The adapter is Deno's on Deno", { skip: ASKS_DENO }, () => {
  assertEquals([runtime === deno, runtime.name], [true, "deno"]);
});

test("deno.missingPermissions() names the missing flag", () => {
  const message = 'Requires run access to "deno", run again with the --allow-run flag';
  assertEquals(deno.missingPermissions(denied(message)), ["--allow-run"]);
  assertEquals(deno.missingPermissions(denied("Requires something")), ["--allow-all"]);
});

test("deno.missingPermissions() is empty for other errors", () => {
  for (const error of [new Error("run again with the --allow-run flag"), undefined, null, "text"]) {
    assertEquals(deno.missingPermissions(error), []);
  }
});

test("Errors of Deno keep their class", { skip: ASKS_DENO }, () => {
  const NotFound = deno.errorClasses.NotFound as new (message: string) => Error;
  const copy = sent(new NotFound("no such file"));
  assertInstanceOf(copy, NotFound);
  assertEquals([copy.name, copy.message], ["NotFound", "no such file"]);
});
