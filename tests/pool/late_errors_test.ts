// Errors that tasks leave behind: the pool reports them, and blames no other task.

import { assertEquals, assertInstanceOf } from "@std/assert";
import * as faults from "../fixtures/fault_tasks.ts";
import * as tasks from "../fixtures/tasks.ts";
import { testEach, WORKERS } from "../support/executors.ts";
import { until, within } from "../support/poll.ts";
import { SHORT } from "../support/timing.ts";

for (const [what, task, errorClass] of [
  ["an error", faults.throwAfterwards, Error],
  ["a rejection", faults.rejectAfterwards, RangeError],
] as const) { // deno-fmt-ignore
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

  testEach(WORKERS, `does not blame the next task for ${what}`, async ({ open }) => {
    const pool = open({ maxWorkers: 1 });
    const seen: unknown[] = [];
    pool.addEventListener("error", (event) => seen.push(event.error));
    assertEquals(await pool.submit(task, SHORT), "returned");
    assertEquals(await within("the next task", pool.submit(faults.rest, 4 * SHORT)), "rested");
    assertEquals(await pool.submit(tasks.double, 1), 2);
    assertEquals(seen.length, 1);
    assertEquals(pool.stats().failed, 0);
  });
}

testEach(WORKERS, "rejects a task with an error it throws beside itself", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const error = await within("the failure", pool.submit(faults.throwBeside).exception());
  assertInstanceOf(error, TypeError);
  assertEquals(error.message, "thrown beside the task");
  assertEquals(await within("the next task", pool.submit(tasks.double, 1)), 2);
});
