// Tests broadcasts: tasks that run once in every worker.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { existsSync, readFileSync } from "node:fs";
import { BrokenExecutorError, type Executor, InvalidStateError, transfer, WorkerLostError } from "../../mod.ts";
import { engineOf } from "../../src/pool/pool_base.ts";
import * as tasks from "../fixtures/broadcast_tasks.ts";
import { add, waitForFile, workerId } from "../fixtures/tasks.ts";
import type { Gate } from "../support/gate.ts";
import { ALL, INLINE, testEach, WORKERS } from "../support/executors.ts";
import { until, within } from "../support/poll.ts";

function linesOf(log: string): string[] {
  return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
}

/** Starts workers by tasks that keep them busy. */
async function busy(pool: Executor, gates: readonly Gate[]): Promise<PromiseLike<unknown>[]> {
  const futures = gates.map(({ path }) => pool.submit(waitForFile, path, 1));
  await until("all workers run", () => pool.stats().workers.busy === gates.length);
  return futures;
}

testEach(ALL, "broadcast() runs once in every live worker", async ({ open, gate, kind }) => {
  const pool = open({ maxWorkers: 3 });
  const gates = [gate(), gate(), gate()];
  const running = await busy(pool, gates);
  for (const each of gates) each.open();
  await Promise.all(running);
  const ids = await pool.broadcast(workerId);
  if (kind === INLINE) assertEquals(ids.length, 1);
  else assertEquals(ids, [1, 2, 3]);
});

testEach(WORKERS, "broadcast() starts no worker", async ({ open }) => {
  const pool = open({ maxWorkers: 2 });
  assertEquals(await pool.broadcast(workerId), []);
  assertEquals(pool.stats().workers, { idle: 0, busy: 0, starting: 0 });
});

testEach([INLINE], "broadcast() runs once if all workers share one loop", async ({ open }) => {
  const pool = open({ maxWorkers: 3 });
  assertEquals((await pool.broadcast(tasks.configure, "a")).length, 1);
});

testEach(
  ALL,
  "broadcast() runs behind what a worker has begun and before what it is given later",
  async ({ open, gate, file }) => {
    const log = file("log");
    const pool = open({ maxWorkers: 1, concurrency: 3 });
    const [first] = [gate()];
    const running = pool.submit(waitForFile, first.path, 1);
    await until("it runs", () => pool.stats().workers.busy === 1);
    const urgent = pool.with({ priority: 9 });
    const broadcast = pool.broadcast(tasks.configure, "broadcast", log);
    const later = urgent.submit(tasks.configure, "later", log);
    let settled = false;
    void Promise.resolve(broadcast).then(() => settled = true);
    await pool.with({}).submit(add, 1, 1).exception({ timeout: 50 }).catch(() => {});
    assertEquals([settled, later.done, linesOf(log)], [false, false, []]);
    first.open();
    await running;
    await broadcast;
    await later;
    assertEquals(linesOf(log), ["broadcast", "later"]);
  },
);

testEach(
  WORKERS,
  "broadcast() runs in workers that start meanwhile, before their first task",
  async ({ open, gate }) => {
    const pool = open({ maxWorkers: 2 });
    const first = gate();
    const [running] = await busy(pool, [first]);
    const broadcast = pool.broadcast(tasks.configure, "new");
    assertEquals(await pool.submit(tasks.configured), "new");
    first.open();
    await running;
    assertEquals(await broadcast, [1, 2]);
  },
);

testEach(ALL, "broadcast() does not count towards queueLimit", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1, queueLimit: 0, overflow: "reject" });
  const first = gate();
  const [running] = await busy(pool, [first]);
  const broadcasts = [pool.broadcast(tasks.configure, "a"), pool.broadcast(tasks.configure, "b")];
  first.open();
  await running;
  assertEquals((await Promise.all(broadcasts)).map(({ length }) => length), [1, 1]);
  assertEquals(await pool.submit(tasks.configured), "b");
});

testEach(WORKERS, "broadcast() rejects with the results of all workers if it fails in one", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 2 });
  const gates = [gate(), gate()];
  const running = await busy(pool, gates);
  for (const each of gates) each.open();
  await Promise.all(running);
  const error = await assertRejects(() => Promise.resolve(pool.broadcast(tasks.failsIn, 2)), AggregateError);
  assertEquals(error.errors.length, 1);
  assertInstanceOf(error.errors[0], RangeError);
  const { results } = error as unknown as { results: PromiseSettledResult<number>[] };
  assertEquals(results.map(({ status }) => status), ["fulfilled", "rejected"]);
  assertEquals((results[0] as PromiseFulfilledResult<number>).value, 1);
  assertEquals(await pool.submit(add, 1, 2), 3);
});

testEach(WORKERS, "broadcast() rejects with the results of the others if a worker dies", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 2 });
  const gates = [gate(), gate()];
  const running = await busy(pool, gates);
  for (const each of gates) each.open();
  await Promise.all(running);
  const error = await assertRejects(() => Promise.resolve(pool.broadcast(tasks.diesIn, 1)), AggregateError);
  assertInstanceOf(error.errors[0], WorkerLostError);
  const { results } = error as unknown as { results: PromiseSettledResult<number>[] };
  assertEquals(results.map(({ status }) => status), ["rejected", "fulfilled"]);
});

testEach(WORKERS, "broadcast() rejects if a worker dies before it has begun the task", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const lost = pool.submit(tasks.diesIn, 1);
  await until("it runs", () => pool.stats().running === 1);
  const broadcast = Promise.resolve(pool.broadcast(tasks.configure, "a"));
  assertInstanceOf(await lost.exception(), WorkerLostError);
  const outcome = await broadcast.then((ids) => ids, (error) => error);
  // The task may have ended before the broadcast was created.
  if (!Array.isArray(outcome)) assertInstanceOf((outcome as AggregateError).errors[0], WorkerLostError);
});

testEach(
  WORKERS,
  "broadcast().sticky() runs first in every worker that starts later, until it is revoked",
  async ({ open }) => {
    const pool = open({ maxWorkers: 1, maxTasksPerWorker: 2, initializer: tasks.configure, initArgs: ["initial"] });
    assertEquals(await pool.submit(tasks.configured), "initial");
    const broadcast = pool.broadcast(tasks.configure, "sticky").sticky();
    assertEquals(await broadcast, [1]);
    const seen = [];
    for (let i = 0; i < 5; i++) seen.push(await pool.submit(tasks.configured));
    assertEquals(seen, Array(5).fill("sticky"));
    broadcast.revoke();
    await pool.submit(tasks.configured);
    await pool.submit(tasks.configured);
    await pool.submit(tasks.configured);
    assertEquals(await pool.submit(tasks.configured), "initial");
  },
);

testEach(
  WORKERS,
  "broadcast().sticky() of a pool without workers runs in the first, in order",
  async ({ open, file }) => {
    const log = file("log");
    const pool = open({ maxWorkers: 1 });
    pool.broadcast(tasks.configure, "first", log).sticky();
    pool.broadcast(tasks.configure, "second", log).sticky();
    assertEquals(await pool.submit(tasks.configured), "second");
    assertEquals(linesOf(log), ["first", "second"]);
  },
);

testEach(
  WORKERS,
  "broadcast().sticky() counts a failure in a new worker as one of the initializer",
  async ({ open }) => {
    const pool = open({ maxWorkers: 1 });
    assertEquals(await pool.broadcast(tasks.configureOr, "bad").sticky(), []);
    const error = await assertRejects(() => pool.submit(add, 1, 2), BrokenExecutorError);
    assertEquals((error.cause as Error).message, "a bad setting");
  },
);

testEach(
  ALL,
  "broadcast() rejects at once when it is aborted, and stops running tasks",
  async ({ open, file, kind }) => {
    const pool = open({ maxWorkers: 1 });
    await pool.submit(add, 1, 1);
    for (const by of ["handle", "signal"]) {
      const log = file(by);
      const controller = new AbortController();
      const broadcast = pool.with({ signal: controller.signal }).broadcast(tasks.hears, log);
      await until("it runs", () => linesOf(log).length === 1);
      if (by === "handle") broadcast.abort(new RangeError("enough"));
      else controller.abort(new RangeError("enough"));
      await assertRejects(() => Promise.resolve(broadcast), RangeError, "enough");
      await until("it has heard", () => linesOf(log).length === 2);
    }
    assertEquals(await pool.submit(add, 1, 2), 3, kind.name);
    const late = pool.with({ signal: AbortSignal.abort(new RangeError("before")) }).broadcast(
      tasks.hears,
      file("none"),
    );
    await assertRejects(() => Promise.resolve(late), RangeError, "before");
  },
);

testEach(ALL, "broadcast() is sent to no worker if it is aborted before it runs", async ({ open, gate, file }) => {
  const log = file("log");
  const pool = open({ maxWorkers: 1 });
  const first = gate();
  const [running] = await busy(pool, [first]);
  const broadcast = pool.broadcast(tasks.configure, "never", log);
  broadcast.abort();
  assertEquals((await assertRejects(() => Promise.resolve(broadcast), DOMException)).name, "AbortError");
  first.open();
  await running;
  assertEquals(await pool.submit(add, 1, 2), 3);
  assertEquals(linesOf(log), []);
});

testEach(
  ALL,
  "broadcast() gives each worker its own copy, and detaches what is transferred",
  async ({ open, kind }) => {
    const pool = open({ maxWorkers: 2, minWorkers: kind === INLINE ? 0 : 2 });
    await until("both are ready", () => kind === INLINE || pool.stats().workers.idle === 2);
    const bytes = new Uint8Array(40_000);
    const lengths = await pool.broadcast(tasks.lengthOf, transfer(bytes, [bytes.buffer]));
    assertEquals(lengths, kind === INLINE ? [40_000] : [40_000, 40_000]);
    assertEquals(bytes.length, 0);
  },
);

testEach(ALL, "broadcast() rejects invalid arguments, and arguments that cannot be sent", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  assertThrows(() => pool.broadcast((() => {}) as never), TypeError, "not a task");
  const error = await assertRejects(
    () => Promise.resolve(pool.broadcast(tasks.configure, (() => {}) as never)),
    DOMException,
  );
  assert(error.message.includes("args[0]"), error.message);
  await pool.shutdown();
  assertThrows(() => pool.broadcast(workerId), InvalidStateError);
});

testEach(ALL, "shutdown() waits for broadcast(), which rejects when the pool breaks", async ({ open, gate }) => {
  const first = gate();
  const pool = open({ maxWorkers: 1 });
  await busy(pool, [first]);
  const broadcast = pool.broadcast(tasks.configure, "a");
  const shutdown = pool.shutdown();
  first.open();
  assertEquals((await broadcast).length, 1);
  await within("the shutdown", shutdown);
  const other = open({ maxWorkers: 1 });
  await busy(other, [gate()]);
  const broken = other.broadcast(tasks.configure, "a");
  engineOf(other)!.terminate(new Error("ended by a test"));
  await assertRejects(() => Promise.resolve(broken), BrokenExecutorError);
});

testEach([INLINE], "broadcast() may be awaited by a task of the same executor", async ({ open }) => {
  const { inline } = await import("../../mod.ts");
  const pool = open({ maxWorkers: 1 });
  const asks = inline(async () => (await pool.broadcast(tasks.configure, "from a task")).length);
  assertEquals(await within("the task", pool.submit(asks)), 1);
});
