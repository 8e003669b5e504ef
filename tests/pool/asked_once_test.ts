// Tests that the pool asks a worker only once to return tasks, even if the worker has begun all of them.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { inline } from "../../mod.ts";
import { Engine } from "../../src/pool/engine/engine.ts";
import { announceToNobody } from "../../src/pool/events.ts";
import { startInlineWorker } from "../../src/pool/workers/inline_worker.ts";
import { checkPoolOptions } from "../../src/pool/options.ts";
import type { WorkerHandle } from "../../src/pool/workers/pool_worker.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { requireDefinition, type Task } from "../../src/task/task.ts";
import * as op from "../../src/wire/message.ts";
import { HEADER_SIZE } from "../../src/wire/message.ts";
import { processChannel } from "../../src/wire/process_link.ts";
import { FunctionLoader } from "../../src/worker/function_loader.ts";
import { until } from "../support/poll.ts";
import { TEST_LIMIT } from "../support/timing.ts";

test("Dispatcher asks a worker only once for tasks that have not begun", { timeout: TEST_LIMIT }, async () => {
  const settings = checkPoolOptions("ProcessPoolExecutor", { maxWorkers: 2, minWorkers: 2 });
  let [asked, silent] = [0, false];
  const engine = new Engine(settings, processChannel, (id, events): WorkerHandle => {
    const worker = startInlineWorker(new FunctionLoader(), {
      ...events,
      message: (message) => {
        const { bytes, position } = message.reader;
        const operation = bytes[position];
        // Clear the times in the result, so that the pool takes the tasks for short ones.
        if (operation === op.DONE) bytes.fill(0, position + 5, position + 29);
        if (id !== 1 || !silent) events.message(message);
        // Answer one turn later, so that a pool that asks in an endless loop does not block the other workers.
        else if (operation === op.RECALLED) runtime.defer(() => events.message(message));
      },
    });
    return {
      ...worker,
      send: (message) => {
        if (id === 1 && message.bytes[HEADER_SIZE] === op.RECALL) asked++;
        worker.send(message);
      },
    };
  }, announceToNobody);
  engine.open();
  const submit = (task: Task<never[], unknown>) => {
    const definition = requireDefinition(task);
    return engine.submit({ definition, args: [], options: {}, items: undefined, caller: undefined }).future;
  };
  const short = inline(() => 1);
  for (let i = 0; i < 40; i++) await submit(short);
  silent = true;
  const futures = Array.from({ length: 40 }, () => submit(short));
  for (const future of futures) future.then(() => {}, () => {});
  await until("the worker is asked", () => asked > 0);
  const patient = inline(() => Promise.resolve(2));
  for (let i = 0; i < 20; i++) assertEquals(await submit(patient), 2);
  assertEquals(asked, 1);
  engine.terminate(new Error("enough"));
});
