import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import * as serve from "../../src/worker/serve.ts";

test("The module of a worker knows its own URL and does nothing by itself", async () => {
  assert(serve.ENTRY.endsWith("/src/worker/serve.ts"));
  assertEquals(await import(serve.ENTRY), serve);
  assertEquals([typeof serve.serveThread, typeof serve.serveProcess], ["function", "function"]);
});
