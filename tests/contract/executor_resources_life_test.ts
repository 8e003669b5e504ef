// Tests tasks that need resources, and the life of their executors.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { CancelledError, DeadlockError, RejectedError, Resources } from "../../mod.ts";
import { add, echo, neverEnd, waitForFile } from "../fixtures/tasks.ts";
import { ALL, testEach } from "../support/executors.ts";
import { until, within } from "../support/poll.ts";
import { SHORT } from "../support/timing.ts";

const GPU = { resources: { gpu: 1 } };

testEach(ALL, "callSync() takes resources that are free at once", async ({ open, gate }) => {
  const resources = new Resources({ gpu: 1 });
  const pool = open({ maxWorkers: 2, resources });
  const view = pool.with(GPU);
  assertEquals([view.callSync(add, 1, 2), view.callSync(add, 3, 4)], [3, 7]);
  assertEquals(resources.available("gpu"), 1);
  const held = gate();
  const running = view.submit(waitForFile, held.path);
  await until("it runs", () => resources.available("gpu") === 0);
  assertThrows(() => view.callSync(add, 1, 2), DeadlockError, "in use");
  assertEquals(pool.callSync(add, 1, 2), 3);
  held.open();
  await running;
});

testEach(ALL, "shutdown() waits for tasks that wait for resources", async ({ open, gate }) => {
  const resources = new Resources({ gpu: 1 });
  const [pool, other] = [open({ maxWorkers: 2, resources }), open({ maxWorkers: 2, resources })];
  const held = gate();
  const running = other.with(GPU).submit(waitForFile, held.path);
  await until("it runs", () => resources.available("gpu") === 0);
  const waiting = pool.with(GPU).submit(add, 1, 2);
  const ended = pool.shutdown();
  held.open();
  await within("the shutdown", ended);
  assertEquals(await waiting, 3);
  await running;
});

testEach(ALL, "shutdown({ cancelFutures }) cancels tasks that wait for resources", async ({ open, gate }) => {
  const resources = new Resources({ gpu: 1 });
  const [pool, other] = [open({ maxWorkers: 2, resources }), open({ maxWorkers: 2, resources })];
  const held = gate();
  const running = other.with(GPU).submit(waitForFile, held.path);
  await until("it runs", () => resources.available("gpu") === 0);
  const waiting = [1, 2, 3].map((n) => pool.with(GPU).submit(add, n, n));
  const next = other.with(GPU).submit(add, 4, 4);
  await within("the shutdown", pool.shutdown({ cancelFutures: true }));
  for (const future of waiting) assert(future.cancelled);
  held.open();
  assertEquals(await within("the next", next), 8);
  await running;
});

testEach(ALL, "terminate() gives back what its tasks held, and drops those that wait", async ({ open }) => {
  const resources = new Resources({ gpu: 1 });
  const [pool, other] = [open({ maxWorkers: 2, resources }), open({ maxWorkers: 2, resources })];
  const running = pool.with(GPU).submit(neverEnd);
  const waiting = pool.with(GPU).submit(add, 1, 2);
  await until("it runs", () => resources.available("gpu") === 0);
  const next = other.with(GPU).submit(add, 3, 4);
  const failures = [running, waiting].map((each) => assertRejects(() => each, CancelledError));
  await within("the end", pool.terminate());
  await Promise.all(failures);
  assertEquals(await within("the next", next), 7);
});

testEach(ALL, "pause() keeps no resources for the tasks that it holds back", async ({ open, gate }) => {
  const resources = new Resources({ gpu: 2 });
  const [pool, other] = [open({ maxWorkers: 2, resources }), open({ maxWorkers: 2, resources })];
  const held = gate();
  const running = other.with(GPU).submit(waitForFile, held.path);
  await until("it runs", () => resources.available("gpu") === 1);
  const both = pool.with({ resources: { gpu: 2 } }).submit(add, 1, 2);
  assertEquals(await pool.submit(add, 1, 1), 2);
  const next = other.with(GPU).submit(add, 3, 4);
  await assertRejects(() => next.result({ timeout: SHORT }));
  pool.pause();
  assertEquals(await within("the next", next), 7);
  held.open();
  await running;
  assertEquals(both.done, false);
  pool.resume();
  assertEquals(await within("both", both), 3);
});

testEach(ALL, '{ overflow: "drop-oldest" } drops tasks that wait for resources too', async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1, queueLimit: 2, overflow: "drop-oldest", resources: new Resources({ gpu: 1 }) });
  const held = gate();
  const running = pool.with(GPU).submit(waitForFile, held.path);
  await until("it runs", () => pool.stats().workers.busy === 1);
  const [first, second] = [pool.with(GPU).submit(add, 1, 1), pool.submit(add, 2, 2)];
  const third = pool.with(GPU).submit(add, 3, 3);
  assertInstanceOf(await first.exception(), RejectedError);
  held.open();
  assertEquals(await Promise.all([second, third]), [4, 6]);
  await running;
});

testEach(ALL, '{ overflow: "caller-runs" } lets tasks that need resources wait', async ({ open, gate }) => {
  const resources = new Resources({ gpu: 1 });
  const pool = open({ maxWorkers: 1, queueLimit: 0, overflow: "caller-runs", resources });
  const held = gate();
  const running = pool.with(GPU).submit(waitForFile, held.path);
  const next = pool.with(GPU).submit(add, 1, 2);
  await assertRejects(() => next.result({ timeout: SHORT }));
  held.open();
  assertEquals([await running, await next], [undefined, 3]);
});

testEach(ALL, "Resources cannot be an argument", async ({ shared }) => {
  const error = await shared().submit(echo, new Resources({ gpu: 1 })).exception() as DOMException;
  assertEquals(error.name, "DataCloneError");
});
