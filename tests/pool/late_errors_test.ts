// Tests that the pool reports errors that a task leaves behind, and fails no other task with them.

import { test } from "node:test";
import { assertEquals, assertInstanceOf } from "@std/assert";
import { type Future, WorkerLostError } from "../../mod.ts";
import * as faults from "../fixtures/fault_tasks.ts";
import { runProgram } from "../support/program.ts";
import { RUNTIME } from "../support/runtime.ts";
import * as tasks from "../fixtures/tasks.ts";
import { type Kind, testEach, THREADS, WORKERS } from "../support/executors.ts";
import { until, within } from "../support/poll.ts";
import { SHORT, SLOW_TEST_LIMIT } from "../support/timing.ts";

/**
 * Bun's test runner ends a thread at an uncaught error, even if the thread has handlers, and loses its tasks:
 * https://github.com/oven-sh/bun/pull/36445. The program below runs without the test runner.
 */
const RUNNER_ENDS_THREADS = RUNTIME === "bun";

/** Returns the error of a task, or the cause of its `WorkerLostError` where the error ended the thread. */
async function failureOf(kind: Kind, what: string, future: Future<unknown>): Promise<unknown> {
  const error = await within(what, future.exception());
  if (kind !== THREADS || !RUNNER_ENDS_THREADS) return error;
  assertInstanceOf(error, WorkerLostError);
  return error.cause;
}

for (
  const [what, task, errorClass] of [
    ["an error", faults.throwAfterwards, Error],
    ["a rejection", faults.rejectAfterwards, RangeError],
  ] as const
) { // deno-fmt-ignore
  testEach(WORKERS, `announces ${what} that a task left behind`, async ({ open }) => {
    const pool = open({ maxWorkers: 1 });
    const seen: unknown[] = [];
    pool.addEventListener("error", (event) => seen.push(event.error));
    assertEquals(await pool.submit(task, 0), "returned");
    await until("the error is announced", () => seen.length > 0);
    assertInstanceOf(seen[0], errorClass);
    assertEquals(await within("the next task", pool.submit(tasks.double, 1)), 2);
    assertEquals(seen.length, 1);
    assertEquals(pool.stats().failed, 0);
  });

  testEach(WORKERS, `does not fail the next task with ${what}`, async ({ open, kind }) => {
    const pool = open({ maxWorkers: 1 });
    const seen: unknown[] = [];
    pool.addEventListener("error", (event) => seen.push(event.error));
    assertEquals(await pool.submit(task, SHORT), "returned");
    const next = pool.submit(faults.rest, 4 * SHORT);
    const lost = kind === THREADS && RUNNER_ENDS_THREADS;
    if (lost) assertInstanceOf(await failureOf(kind, "the loss", next), errorClass);
    else assertEquals(await within("the next task", next), "rested");
    assertEquals(await pool.submit(tasks.double, 1), 2);
    // The error is announced only once.
    assertEquals([seen.length, pool.stats().failed], lost ? [0, 1] : [1, 0]);
  });
}

testEach(WORKERS, "rejects a task with an error that a callback of it throws while it runs", async ({ open, kind }) => {
  const pool = open({ maxWorkers: 1 });
  for (const how of faults.besides) {
    const error = await failureOf(kind, how, pool.submit(faults.throwBeside, how));
    assertInstanceOf(error, TypeError);
    assertEquals(error.message, `thrown beside the task by ${how}`);
    assertEquals(await within(`the task after ${how}`, pool.submit(tasks.double, 1)), 2);
  }
});

test("ThreadPoolExecutor and ProcessPoolExecutor announce errors left behind, or print them without a listener", {
  timeout: SLOW_TEST_LIMIT,
}, async () => {
  const { stdout, stderr, code } = await runProgram("late_errors.ts");
  const seen = ["returned", "event: left behind by a timer", "rested", "returned", "event: left behind by a promise"];
  const lines = [...seen, "rested", "returned", "rested", "failed 0"];
  assertEquals(stdout.trim().split("\n"), [...lines, ...lines], stderr);
  assertEquals(code, 0);
  assertEquals(stderr.match(/\berror: left behind by a timer/gi)?.length, 2, stderr);
});
