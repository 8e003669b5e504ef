// Tests one signal that aborts ten thousand tasks.

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, testEach } from "../support/executors.ts";
import { untilStarted, within } from "../support/poll.ts";
import { countingSignal } from "../support/signals.ts";

const COUNT = 10_000;

testEach(ALL, `drops ${COUNT} tasks with one signal, and leaves no listener`, async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1 });
  const { path, open: openGate } = gate();
  const first = pool.submit(tasks.waitForFile, path, "first");
  const { controller, signal, listeners } = countingSignal();
  const view = pool.with({ signal });
  const futures = Array.from({ length: COUNT }, (_, n) => view.submit(tasks.double, n));
  await untilStarted(first);
  assert(listeners() < 10, `${listeners()} listeners`);
  const reason = new Error("all of you");
  controller.abort(reason);
  assertEquals(listeners(), 0);
  for (const future of futures) assertStrictEquals(future.exceptionNow(), reason);
  assertEquals(pool.stats().waiting, 0);
  openGate();
  assertEquals(await first, "first");
});

testEach(ALL, `leaves no listener once ${COUNT} tasks are done`, async ({ open }) => {
  const pool = open({ maxWorkers: 2 });
  const { signal, listeners } = countingSignal();
  const view = pool.with({ signal });
  const futures = Array.from({ length: COUNT }, (_, n) => view.submit(tasks.double, n));
  const results = await within("all", Promise.all(futures));
  assertEquals(results.at(-1), 2 * (COUNT - 1));
  assertEquals(listeners(), 0);
});
