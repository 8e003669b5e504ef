import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Engine } from "../../src/pool/engine/engine.ts";
import { announceToNobody } from "../../src/pool/events.ts";
import { startInlineWorker } from "../../src/pool/workers/inline_worker.ts";
import type { WorkerHandle } from "../../src/pool/workers/pool_worker.ts";
import { checkPoolOptions } from "../../src/pool/options.ts";
import { inline } from "../../src/task/inline.ts";
import { requireDefinition } from "../../src/task/task.ts";
import { ByteReader } from "../../src/wire/bytes.ts";
import { IncomingMessage, READY } from "../../src/wire/message.ts";
import { threadChannel } from "../../src/wire/thread_link.ts";
import { FunctionLoader } from "../../src/worker/function_loader.ts";
import { LONG } from "../support/timing.ts";

test("Supervisor starts no second worker while the start of one is in progress", async () => {
  const settings = checkPoolOptions("ThreadPoolExecutor", { maxWorkers: 1, minWorkers: 1 });
  let starts = 0;
  const engine: Engine = new Engine(settings, threadChannel(true), (_id, events) => {
    // Bun may run microtasks while it starts a process.
    if (++starts < 3) engine.open();
    return startInlineWorker(new FunctionLoader(), events);
  }, announceToNobody);
  engine.open();
  assertEquals(starts, 1);
  await engine.shutdown({});
});

test("Supervisor sends nothing to a worker that becomes ready after its start timed out", async () => {
  const settings = checkPoolOptions("ThreadPoolExecutor", { maxWorkers: 1, startTimeout: 10 });
  const engine = new Engine(settings, threadChannel(false), (id, events): WorkerHandle => {
    const worker = startInlineWorker(new FunctionLoader(), events);
    if (id > 1) return worker;
    const kill = () => {
      events.message(new IncomingMessage(new ByteReader(Uint8Array.of(READY)), [], []));
      setTimeout(() => events.exit({ code: 1, signal: undefined, stderr: "", error: undefined }));
    };
    return { ...worker, send: () => {}, kill };
  }, announceToNobody);
  const definition = requireDefinition(inline(() => 42));
  // A task with a timeout is sent only to a worker that is ready.
  const options = { timeout: LONG };
  const { future } = engine.submit({ definition, args: [], options, items: undefined, caller: undefined });
  assertEquals(await future, 42);
  await engine.shutdown({});
});

test("Engine rouses an idle worker before it copies a large value, and no busy one", async () => {
  const settings = checkPoolOptions("ThreadPoolExecutor", { maxWorkers: 1 });
  let woken = 0;
  const engine = new Engine(settings, threadChannel(false), (_id, events): WorkerHandle => {
    return { ...startInlineWorker(new FunctionLoader(), events), wake: () => void woken++ };
  }, announceToNobody);
  const definition = requireDefinition(inline((bytes: Uint8Array) => bytes.length));
  const submit = (size: number) => {
    return engine.submit({
      definition,
      args: [new Uint8Array(size)],
      options: {},
      items: undefined,
      caller: undefined,
    }).future;
  };
  assertEquals(await submit(100_000), 100_000);
  assertEquals(woken, 0, "there was no worker yet");
  const busy = submit(10);
  assertEquals(woken, 0, "10 bytes are no bulk");
  await Promise.resolve();
  const behind = submit(100_000);
  assertEquals(woken, 0, "the worker is busy");
  assertEquals([await busy, await behind], [10, 100_000]);
  assertEquals(await submit(100_000), 100_000);
  assertEquals(woken, 1);
  await engine.shutdown({});
});
