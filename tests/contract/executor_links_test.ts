// Tests that links of chains and pipelines count as work in flight: links that exist when a shutdown begins still run.

import { assert, assertEquals, assertFalse, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import { CancelledError, InvalidStateError, pipeline } from "../../mod.ts";
import { engineOf } from "../../src/pool/pool_base.ts";
import { linger } from "../fixtures/abort_tasks.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, type Stage, testEach } from "../support/executors.ts";
import { until, untilStarted, within } from "../support/poll.ts";
import { LONG } from "../support/timing.ts";

/** Records whether a promise has settled. */
function watch(promise: Promise<unknown>): { readonly over: boolean } {
  const state = { over: false };
  promise.then(() => state.over = true, () => state.over = true);
  return state;
}

/** Returns a pool with a task that waits at a gate. */
async function waiting(stage: Stage, pool = stage.open({ maxWorkers: 1, grace: LONG })) {
  const { path, open: openGate } = stage.gate();
  const first = pool.submit(tasks.waitForFile, path, 20);
  await untilStarted(first);
  return { pool, first, openGate };
}

testEach(ALL, "shutdown() waits for existing links of thenSubmit()", async (stage) => {
  const { pool, first, openGate } = await waiting(stage);
  const view = pool.with({ priority: 1 });
  const last = first.thenSubmit(pool, tasks.echo).thenSubmit(view, tasks.add as never, 1).thenSubmit(
    pool,
    tasks.double as never,
  );
  const closed = pool[Symbol.asyncDispose]();
  const state = watch(closed);
  openGate();
  await first;
  assertFalse(state.over);
  await within("the shutdown", closed);
  assert(last.done);
  assertEquals(last.resultNow(), 42);
});

testEach(ALL, "shutdown({ wait: false }) lets links run too", async (stage) => {
  const { pool, first, openGate } = await waiting(stage);
  const last = first.thenSubmit(pool, tasks.double as never).thenSubmit(pool, tasks.double as never);
  await pool.shutdown({ wait: false });
  openGate();
  assertEquals(await within("the links", last), 80);
  await within("the shutdown", pool.shutdown());
});

testEach(
  ALL,
  "shutdown() waits for links that wait for another executor, and starts workers for them",
  async (stage) => {
    const { first, openGate } = await waiting(stage, stage.shared());
    const other = stage.open({ maxWorkers: 1 });
    const link = first.thenSubmit(other, tasks.double as never);
    const closed = other.shutdown();
    const state = watch(closed);
    openGate();
    await first;
    assertFalse(state.over);
    await within("the shutdown", closed);
    assertEquals(link.resultNow(), 40);
    assertEquals(other.stats().workers, { idle: 0, busy: 0, starting: 0 });
  },
);

testEach(ALL, "shutdown() does not wait for links that have already ended", async (stage) => {
  const { pool, first, openGate } = await waiting(stage, stage.shared());
  const other = stage.open({ maxWorkers: 1 });
  await other.submit(tasks.double, 1);
  const failing = pool.submit(tasks.doubleButThree, 3).thenSubmit(other, tasks.double).thenSubmit(other, tasks.double);
  const cancelled = first.thenSubmit(other, tasks.echo);
  const aborted = first.thenSubmit(other, tasks.echo);
  const closed = other.shutdown();
  const state = watch(closed);
  assert(cancelled.cancel());
  aborted.abort("stop");
  // The abort of the second link has also aborted the task that both links waited for.
  assertEquals(first.exceptionNow(), "stop");
  openGate();
  await assertRejects(() => failing, RangeError, "three is refused");
  await within("the shutdown", closed);
  assert(state.over);
});

testEach(ALL, "shutdown({ cancelFutures: true }) cancels links, but not the futures they wait for", async (stage) => {
  const { pool, first, openGate } = await waiting(stage);
  const link = first.thenSubmit(pool, tasks.double as never);
  const second = link.thenSubmit(pool, tasks.double as never);
  const closed = pool.shutdown({ cancelFutures: true });
  assert(link.cancelled && second.cancelled);
  await assertRejects(() => link, CancelledError);
  assertFalse(first.done);
  openGate();
  assertEquals(await first, 20);
  await within("the shutdown", closed);
});

testEach(ALL, "thenSubmit() rejects once the shutdown has begun", async (stage) => {
  const { pool, first, openGate } = await waiting(stage);
  const closed = pool.shutdown();
  const late = first.thenSubmit(pool, tasks.double as never);
  openGate();
  await assertRejects(() => late, InvalidStateError, "after its shutdown");
  await within("the shutdown", closed);
});

testEach(ALL, "thenSubmit() drops links with the reason when the program is interrupted", async (stage) => {
  const pool = stage.open({ maxWorkers: 1, grace: LONG });
  const { path: gate, open: openGate } = stage.gate();
  openGate();
  const first = pool.submit(linger, stage.file("log"), gate);
  await untilStarted(first);
  const link = first.thenSubmit(pool, tasks.echo);
  const steps = pipeline(pool).step(tasks.echo).step(tasks.echo);
  const item = steps.run(1);
  const reason = new Error("the program ends");
  const ended = engineOf(pool)!.interrupt(reason);
  assertStrictEquals(link.exceptionNow(), reason);
  assertStrictEquals(item.exceptionNow(), reason);
  assertEquals(await first, "lingered");
  await within("the shutdown", ended);
});

testEach(ALL, "shutdown() of a broken pool waits for no links", async (stage) => {
  const { pool: other, first, openGate } = await waiting(stage, stage.shared());
  const pool = stage.open({ maxWorkers: 1 });
  const link = first.thenSubmit(pool, tasks.echo);
  engineOf(pool)!.terminate(new Error("no more"));
  await within("the shutdown", pool.shutdown());
  openGate();
  assertInstanceOf(await within("the link", link.exception()), Error);
  assertEquals(await other.submit(tasks.double, 1), 2);
});

testEach(ALL, "shutdown() waits for the items in a pipeline", async (stage) => {
  const { pool, first, openGate } = await waiting(stage);
  const caught: string[] = [];
  const steps = pipeline(pool).step(tasks.double).step(tasks.doubleButThree).step(tasks.double)
    .catch(async (error) => {
      await null;
      caught.push((error as Error).message);
      return 100;
    }).step(tasks.double);
  const items = [1, 1.5, 2].map((n) => steps.run(n));
  const results = steps.map([3, 4]);
  const closed = pool[Symbol.asyncDispose]();
  const late = steps.run(5);
  openGate();
  await first;
  await within("the shutdown", closed);
  assertEquals(items.map((item) => item.resultNow()), [16, 200, 32]);
  assertEquals(await within("the map", results), [48, 64]);
  assertEquals(caught.sort(), [`Cannot submit to ${pool.name} after its shutdown`, "three is refused"]);
  await assertRejects(() => late, InvalidStateError, "after its shutdown");
});

testEach(ALL, "shutdown() does not wait for the steps of a pipeline at other executors", async (stage) => {
  const { pool: other, first, openGate } = await waiting(stage, stage.shared());
  const pool = stage.open({ maxWorkers: 1 });
  const steps = pipeline(pool).step(tasks.double).step(tasks.echo, { executor: other });
  const item = steps.run(1);
  await within("the shutdown", pool.shutdown());
  assertFalse(item.done);
  openGate();
  assertEquals([await first, await within("the item", item)], [20, 2]);
});

testEach(ALL, "shutdown({ cancelFutures: true }) cancels waiting items of a pipeline", async (stage) => {
  const pool = stage.open({ maxWorkers: 1 });
  const { path, open: openGate } = stage.gate();
  const caught: unknown[] = [];
  const steps = pipeline(pool).step(tasks.waitForFile as never, { concurrency: 1 }).step(tasks.echo)
    .catch((error) => caught.push(error));
  const [running, queued] = [steps.run(path as never), steps.run(path as never)];
  await until("the first runs", () => pool.stats().running === 1);
  const closed = pool.shutdown({ cancelFutures: true });
  assertEquals([running.done, queued.cancelled], [false, true]);
  openGate();
  await assertRejects(() => running, CancelledError);
  await within("the shutdown", closed);
  await within("the pipeline", steps[Symbol.asyncDispose]());
  assertEquals(caught, []);
});
