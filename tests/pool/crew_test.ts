import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Engine } from "../../src/pool/engine.ts";
import { startInlineWorker } from "../../src/pool/inline_worker.ts";
import { checkPoolOptions } from "../../src/pool/options.ts";
import { threadChannel } from "../../src/wire/thread_link.ts";
import { FunctionLoader } from "../../src/worker/function_loader.ts";

test("Crew starts no worker too many while it is starting one", async () => {
  const settings = checkPoolOptions("ThreadPoolExecutor", { maxWorkers: 1, minWorkers: 1 });
  const announce = Object.assign(() => false, { listened: () => false });
  let starts = 0;
  const engine: Engine = new Engine(settings, threadChannel(true), (_id, events) => {
    // As Bun does, which may run microtasks while it starts a process.
    if (++starts < 3) engine.open();
    return startInlineWorker(new FunctionLoader(), events);
  }, announce);
  engine.open();
  assertEquals(starts, 1);
  await engine.shutdown({});
});
