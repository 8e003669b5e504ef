// Tests that a worker that ends fails only the task it was running.

import { assert, assertEquals, assertInstanceOf, assertNotEquals, assertStringIncludes } from "@std/assert";
import process from "node:process";
import { WorkerLostError } from "../../mod.ts";
import * as faults from "../fixtures/fault_tasks.ts";
import * as tasks from "../fixtures/tasks.ts";
import { type Pool, PROCESSES, testEach, WORKERS } from "../support/executors.ts";
import { until, untilStarted, within } from "../support/poll.ts";
import { RUNTIME } from "../support/runtime.ts";
import { SHORT, SLOW_TEST_LIMIT } from "../support/timing.ts";

/** Limit in milliseconds to notice a death, although a child of the process keeps its output open. */
const GRANDCHILD_LIMIT = 400;

async function assertUnharmed(
  pool: Pool,
  queued: PromiseLike<unknown>[],
  sibling: PromiseLike<unknown>,
): Promise<void> {
  assertEquals(await within("the sibling", sibling), "sibling");
  assertEquals(await within("the queue", Promise.all(queued)), [0, 2, 4, 6, 8]);
  assertEquals(await within("a new task", pool.submit(tasks.double, 21)), 42);
}

for (const [how, code] of [["process.exit(3)", 3], ["process.exit(0)", 0], ["Deno.exit(4)", 4]] as const) {
  testEach(WORKERS, `rejects only the task that calls ${how}`, async ({ open, gate }) => {
    const pool = open({ maxWorkers: 2 });
    const { path, open: openGate } = gate();
    const sibling = pool.submit(tasks.waitForFile, path, "sibling");
    const victim = pool.submit(how.startsWith("Deno") ? faults.hostExit : faults.exit, code);
    const queued = [0, 1, 2, 3, 4].map((n) => pool.submit(tasks.double, n));
    const error = await within("the loss", victim.exception());
    assertInstanceOf(error, WorkerLostError);
    assertEquals(error.name, "WorkerLostError");
    assertEquals([error.exitCode, error.signal], [code, undefined]);
    assertStringIncludes(error.message, how.startsWith("Deno") ? "'hostExit'" : "'exit'");
    openGate();
    await assertUnharmed(pool, queued, sibling);
    const { lost, failed, completed, restarts } = pool.stats();
    assertEquals([lost, failed, completed, restarts], [1, 1, 7, 1]);
  });
}

testEach(WORKERS, "rejects only the task whose worker closes itself", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 2 });
  const { path, open: openGate } = gate();
  const sibling = pool.submit(tasks.waitForFile, path, "sibling");
  const victim = pool.submit(faults.closeSelf);
  const queued = [0, 1, 2, 3, 4].map((n) => pool.submit(tasks.double, n));
  assertInstanceOf(await within("the loss", victim.exception()), WorkerLostError);
  openGate();
  await assertUnharmed(pool, queued, sibling);
});

testEach(WORKERS, "keeps the results that were ready before the worker ended", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  for (let round = 0; round < 5; round++) {
    const before = pool.submit(tasks.echo, "x".repeat(100_000));
    const victim = pool.submit(faults.exit, 1);
    assertEquals(((await within("the result", before)) as string).length, 100_000);
    assertInstanceOf(await within("the loss", victim.exception()), WorkerLostError);
  }
});

testEach(WORKERS, "never reruns a lost task", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const futures = Array.from(
    { length: 6 },
    (_, i) => i % 2 === 0 ? pool.submit(tasks.double, i) : pool.submit(faults.exit, i),
  );
  const errors = await within("all", Promise.all(futures.map((future) => future.exception())));
  assertEquals(errors.map((error) => error instanceof WorkerLostError ? error.exitCode : error), [
    undefined,
    1,
    undefined,
    3,
    undefined,
    5,
  ]);
});

testEach(WORKERS, "replaces a lost worker within twice the time of a start", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  let [start, death] = [Infinity, Infinity];
  // Take the best time of each, since a busy machine lengthens both.
  for (let round = 0; round < 8 && death >= 2 * start; round++) {
    const began = performance.now();
    await within("a start", open({ maxWorkers: 1 }).submit(tasks.double, 1));
    start = Math.min(start, performance.now() - began);
    await pool.submit(tasks.double, 1);
    const died = performance.now();
    await within("the death", pool.submit(faults.exit, 1).exception());
    await within("the next task", pool.submit(tasks.double, 1));
    death = Math.min(death, performance.now() - died);
  }
  assert(death < 2 * start, `a start took ${start} ms, a death and the next start ${death} ms`);
}, { limit: SLOW_TEST_LIMIT });

testEach([PROCESSES], "notices the death of a process at once if its child keeps the output", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  let best = Infinity;
  for (let round = 0; round < 5 && best >= GRANDCHILD_LIMIT; round++) {
    await pool.submit(tasks.double, 1);
    const future = pool.submit(faults.leaveGrandchild);
    const grandchild: number[] = [];
    let died = 0;
    future.onProgress((pid) => {
      grandchild.push(pid as number);
      died = performance.now();
    });
    const error = await within("the death", future.exception());
    best = Math.min(best, performance.now() - died);
    process.kill(grandchild[0]!, "SIGKILL");
    assertInstanceOf(error, WorkerLostError);
    assertStringIncludes(error.stderr, "last words");
  }
  assert(best < GRANDCHILD_LIMIT, `it took ${best} ms`);
}, { limit: SLOW_TEST_LIMIT });

testEach(
  WORKERS,
  "does not break if a worker ends while tasks with large values are on their way to it",
  async ({ open }) => {
    const pool = open({ maxWorkers: 1 });
    assertEquals(await pool.submit(faults.exitAfterwards, SHORT), "returned");
    // The worker has ended when the tasks are sent, and the pool has not noticed yet.
    const end = performance.now() + 4 * SHORT;
    while (performance.now() < end);
    const bulk = new Uint8Array(100_000).fill(3);
    const futures = [pool.submit(tasks.echo, bulk), pool.submit(tasks.echo, 1)];
    const [first, second] = await within("both", Promise.allSettled(futures)) as PromiseSettledResult<unknown>[];
    // A thread has lost the transferred memory of the first task, and a process may have begun that task.
    if (first?.status === "rejected") assertInstanceOf(first.reason, WorkerLostError);
    else assertEquals(first!.value, bulk);
    assertEquals(second, { status: "fulfilled", value: 1 });
  },
);

testEach(WORKERS, "announces lost workers", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const seen: (number | undefined)[] = [];
  pool.addEventListener("workerlost", ({ detail }) => seen.push(detail.exitCode));
  await pool.submit(faults.exit, 3).exception();
  await pool.submit(tasks.double, 1);
  assertEquals(seen, [3]);
});

testEach(WORKERS, "reports the last lines of the standard error of a lost process", async ({ open, kind }) => {
  const pool = open({ maxWorkers: 1 });
  await pool.submit(faults.print, "last words", 1, "stderr");
  const error = await pool.submit(faults.exit, 9).exception() as WorkerLostError;
  if (kind === PROCESSES) assertStringIncludes(error.stderr ?? "", "last words 0");
});

testEach([PROCESSES], "rejects only the task of a process that was killed", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 2 });
  const { path, open: openGate } = gate();
  const sibling = pool.submit(tasks.waitForFile, path, "sibling");
  const victim = pool.submit(faults.killSelf);
  const queued = [0, 1, 2, 3, 4].map((n) => pool.submit(tasks.double, n));
  const error = await within("the loss", victim.exception());
  assertInstanceOf(error, WorkerLostError);
  assertEquals([error.exitCode, error.signal], [undefined, "SIGKILL"]);
  openGate();
  await assertUnharmed(pool, queued, sibling);
});

testEach([PROCESSES], "replaces an idle process that was killed", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const pid = await pool.submit(tasks.pid);
  assertNotEquals(pid, process.pid);
  const lost: number[] = [];
  pool.addEventListener("workerlost", ({ detail }) => lost.push(detail.pid!));
  process.kill(pid, "SIGKILL");
  await until("the loss is seen", () => lost.length === 1);
  assertEquals(lost, [pid]);
  assertNotEquals(await within("the next task", pool.submit(tasks.pid)), pid);
  assertEquals(pool.stats().lost, 0);
});

testEach([PROCESSES], "rejects a task whose blocked process is killed from outside", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const pid = await pool.submit(tasks.pid);
  const victim = pool.submit(faults.spin);
  const behind = pool.submit(tasks.double, 1);
  await untilStarted(victim);
  process.kill(pid, "SIGKILL");
  const error = await within("the loss", victim.exception());
  assertInstanceOf(error, WorkerLostError);
  assertEquals(error.signal, "SIGKILL");
  assertEquals(await within("the next task", behind), 2);
});

testEach(WORKERS, "breaks on a lost worker if onWorkerLost is 'break', and fails all tasks", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 2, onWorkerLost: "break" });
  const sibling = pool.submit(tasks.waitForFile, gate().path, "sibling");
  await untilStarted(sibling);
  const victim = pool.submit(faults.exit, 3);
  const queued = pool.submit(tasks.double, 1);
  assertInstanceOf(await within("the loss", victim.exception()), WorkerLostError);
  for (const future of [sibling, queued]) {
    const error = await within("the break", future.exception()) as Error;
    assertEquals(error.name, "BrokenExecutorError");
    assertInstanceOf(error.cause, WorkerLostError);
    assertEquals(error.cause.exitCode, 3);
  }
  let refusal: unknown;
  try {
    pool.submit(tasks.double, 1);
  } catch (error) {
    refusal = error;
  }
  assertEquals((refusal as Error).name, "BrokenExecutorError");
  await within("the end", pool.shutdown());
  assertEquals(pool.stats().workers, { idle: 0, busy: 0, starting: 0 });
});

/**
 * Bun and Deno do not limit the heap of a thread, nor Bun that of a process: the test would use up the machine's
 * memory.
 */
const NO_HEAP_LIMIT = "this runtime bounds no heap here, so running out of memory would harm the machine";

testEach(WORKERS, "rejects only the task that runs out of memory", async ({ open, gate, kind }) => {
  const pool = open(
    kind === PROCESSES
      ? {
        maxWorkers: 1,
        execArgs: [RUNTIME === "deno" ? "--v8-flags=--max-old-space-size=64" : "--max-old-space-size=64"],
      }
      : { maxWorkers: 1 },
  ); // deno-fmt-ignore
  const { path, open: openGate } = gate();
  openGate();
  const victim = pool.submit(faults.exhaustMemory);
  const behind = pool.submit(tasks.waitForFile, path, "behind");
  assertInstanceOf(await within("the loss", victim.exception(), 30_000), WorkerLostError);
  assertEquals(await within("the next task", behind), "behind");
  assert(pool.stats().lost === 1);
}, {
  limit: 60_000,
  skip: (kind) => (RUNTIME === "bun" || kind !== PROCESSES) && NO_HEAP_LIMIT,
});
