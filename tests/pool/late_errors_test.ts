// Errors that tasks leave behind: the pool reports them, and blames no other task.

import { test } from "node:test";
import { assertEquals, assertInstanceOf } from "@std/assert";
import * as faults from "../fixtures/fault_tasks.ts";
import { runProgram } from "../support/program.ts";
import { RUNTIME } from "../support/runtime.ts";
import * as tasks from "../fixtures/tasks.ts";
import { testEach, THREADS, WORKERS } from "../support/executors.ts";
import { until, within } from "../support/poll.ts";
import { SHORT, SLOW_TEST_LIMIT } from "../support/timing.ts";

/** Its test runner ends a thread at an uncaught error, whatever handlers the thread has; the program below has none. */
const RUNNER_ENDS_THREADS = RUNTIME === "bun" &&
  "bun test ends a thread at an uncaught error: shown by a program instead";
const skip = (kind: typeof THREADS): string | false => kind === THREADS && RUNNER_ENDS_THREADS;

/** Deno calls the handler of uncaught errors outside of the context they were thrown in. */
const CONTEXT_LOST = RUNTIME === "deno";

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
  }, { skip });

  testEach(WORKERS, `does not blame the next task for ${what}`, async ({ open }) => {
    const pool = open({ maxWorkers: 1 });
    const seen: unknown[] = [];
    pool.addEventListener("error", (event) => seen.push(event.error));
    assertEquals(await pool.submit(task, SHORT), "returned");
    assertEquals(await within("the next task", pool.submit(faults.rest, 4 * SHORT)), "rested");
    assertEquals(await pool.submit(tasks.double, 1), 2);
    assertEquals(seen.length, 1);
    assertEquals(pool.stats().failed, 0);
  }, { skip });
}

testEach(WORKERS, "rejects a task with an error it throws beside itself", async ({ open }) => {
  const pool = open({ maxWorkers: 1, grace: SHORT });
  const seen: unknown[] = [];
  pool.addEventListener("error", (event) => seen.push(event.error));
  const future = pool.submit(faults.throwBeside);
  if (CONTEXT_LOST) {
    // Nobody can tell whose error it is, so it is nobody's.
    await until("the error is announced", () => seen.length > 0);
    future.abort(seen[0]);
  }
  const error = await within("the failure", future.exception());
  assertInstanceOf(error, TypeError);
  assertEquals(error.message, "thrown beside the task");
  assertEquals(await within("the next task", pool.submit(tasks.double, 1)), 2);
}, { skip });

test("ThreadPoolExecutor and ProcessPoolExecutor announce errors left behind, or print them if nobody listens", {
  timeout: SLOW_TEST_LIMIT,
}, async () => {
  const { stdout, stderr, code } = await runProgram("late_errors.ts");
  const seen = ["returned", "event: left behind by a timer", "rested", "returned", "event: left behind by a promise"];
  const lines = [...seen, "rested", "returned", "rested", "failed 0"];
  assertEquals(stdout.trim().split("\n"), [...lines, ...lines], stderr);
  assertEquals(code, 0);
  assertEquals(stderr.match(/\berror: left behind by a timer/gi)?.length, 2, stderr);
});
