import { assertEquals } from "@std/assert";
import { isMainThread } from "../../mod.ts";
import * as entry from "../../src/task/mod.ts";
import { inMainThread } from "../fixtures/names/main_thread.ts";
import { ALL, testEach } from "../support/executors.ts";

testEach(ALL, "has isMainThread true only where its tasks run in the main thread", async ({ kind, open }) => {
  assertEquals([isMainThread, entry.isMainThread, inMainThread()], [true, true, true]);
  assertEquals(await open({ maxWorkers: 1 }).submit(inMainThread), kind.name === "InlineExecutor");
});
