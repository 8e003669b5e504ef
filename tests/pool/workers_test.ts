import { assert, assertEquals, assertRejects } from "@std/assert";
import { BrokenExecutorError, currentWorker, InvalidStateError, Thread, type WorkerPool } from "../../mod.ts";
import { exitWhilePreparing } from "../fixtures/setup_tasks.ts";
import { waitForFile, workerId } from "../fixtures/tasks.ts";
import { knows } from "../fixtures/worker_tasks.ts";
import { engineOf } from "../../src/pool/pool_base.ts";
import { INLINE, PROCESSES, testEach, THREADS, WORKERS } from "../support/executors.ts";
import { until, within } from "../support/poll.ts";

testEach(WORKERS, "workers() lists the workers and what they do", async ({ open, gate, kind }) => {
  const before = Date.now();
  const pool = open({ maxWorkers: 2, minWorkers: 2 }) as WorkerPool;
  await pool.ready();
  const held = gate();
  const running = pool.submit(waitForFile, held.path, 1);
  await until("it runs", () => pool.stats().workers.busy === 1);
  const [first, second] = pool.workers();
  assertEquals([first!.id, second!.id], [1, 2]);
  assertEquals([first!, second!].map(({ state }) => state).sort(), ["busy", "idle"]);
  assertEquals([first!, second!].flatMap(({ tasks }) => tasks), ["waitForFile"]);
  assert(first!.since >= before && first!.since <= Date.now());
  const number = kind === PROCESSES ? first!.pid : first!.threadId;
  assert(number !== undefined && number > 0);
  held.open();
  await running;
  await pool.shutdown();
  assertEquals(pool.workers(), []);
});

testEach(
  WORKERS,
  "recycle() replaces idle workers at once and the others after their tasks",
  async ({ open, gate }) => {
    const pool = open({ maxWorkers: 2, minWorkers: 2 }) as WorkerPool;
    await pool.ready();
    const held = gate();
    const running = pool.submit(waitForFile, held.path, 1);
    await until("it runs", () => pool.stats().workers.busy === 1);
    let over = false;
    const recycled = pool.recycle().then(() => over = true);
    await until("the idle one is new", () => pool.workers().some(({ id, state }) => id > 2 && state === "idle"));
    assertEquals(over, false);
    held.open();
    assertEquals(await running, 1);
    await within("the new workers", recycled);
    const ids = pool.workers().map(({ id }) => id);
    assertEquals(ids.filter((id) => id <= 2), []);
    assertEquals(ids.length, 2);
    assert(await pool.submit(workerId) > 2);
  },
);

testEach(WORKERS, "recycle() without workers, after a shutdown, and of a pool that breaks", async ({ open, file }) => {
  const pool = open({ maxWorkers: 1 }) as WorkerPool;
  await pool.recycle();
  assertEquals(pool.workers(), []);
  await pool.shutdown();
  await assertRejects(() => pool.recycle(), InvalidStateError);
  const broken = open({ maxWorkers: 1, minWorkers: 1, initializer: exitWhilePreparing, initArgs: [file("log")] });
  const recycled = (broken as WorkerPool).recycle();
  engineOf(broken)!.terminate(new Error("ended by a test"));
  await assertRejects(() => within("the end", recycled), BrokenExecutorError);
});

testEach(WORKERS, "currentWorker() is known in a worker, also while its modules load", async ({ open, kind }) => {
  assertEquals(currentWorker(), undefined);
  const pool = open({ maxWorkers: 1, name: "named" });
  const [atLoad, now, id] = await pool.submit(knows);
  assertEquals(atLoad, now);
  assertEquals(now, { id, kind: kind === THREADS ? "thread" : "process", name: "named 1" });
});

testEach([INLINE], "currentWorker() is none in an executor without workers", async ({ open }) => {
  const [atLoad, now] = await open().submit(knows);
  assertEquals([atLoad, now], [undefined, undefined]);
});

testEach([THREADS], "currentWorker() of a Thread has its name", async () => {
  const thread = new Thread(knows, [], { name: "own" }).start();
  const [, now] = await thread.result;
  await thread.join();
  assertEquals(now, { id: 1, kind: "thread", name: "own" });
});
