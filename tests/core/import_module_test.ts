import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { importModule } from "../../src/core/import_module.ts";

test("importModule() imports a module by its address", async () => {
  const { answer } = await importModule("data:text/javascript,export const answer = 42;");
  assertEquals(answer, 42);
  await assertRejects(() => importModule("data:text/javascript,throw new RangeError('of the module')"), RangeError);
});
