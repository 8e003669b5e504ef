// Tests that a worker finds tasks by module URL and name, exported or not, and runs no other function.

import { assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { Manager, type Task, task, tasksFrom } from "../../mod.ts";
import theDefault, * as names from "../fixtures/names/tasks.ts";
import { updateWith } from "../fixtures/names/updates.ts";
import { ALL, testEach, WORKERS } from "../support/executors.ts";
import { within } from "../support/poll.ts";

const FIXTURE = { url: new URL("../fixtures/names/tasks.ts", import.meta.url).href };

const TASKS: readonly Task<[number], string>[] = [
  theDefault,
  names.exported,
  names.given,
  names.twin,
  ...names.unexported(),
  ...names.nameless,
  ...names.made,
];

testEach(ALL, "runs tasks that are not exported, have no name, or share it", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const answers = await Promise.all(TASKS.map((each) => pool.submit(each, 7)));
  assertEquals(answers, TASKS.map((each) => each(7)));
  assertEquals(new Set(answers).size, TASKS.length);
});

testEach(WORKERS, "runs the same tasks in the opposite order", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const opposite = TASKS.toReversed();
  const answers = await Promise.all(opposite.map((each) => pool.submit(each, 7)));
  assertEquals(answers, opposite.map((each) => each(7)));
});

testEach(WORKERS, "finds only exports for handles of tasksFrom()", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const from = tasksFrom<typeof names>(FIXTURE.url);
  assertEquals(await pool.submit(from.notATask, 1), "no task 1");
  assertEquals(await pool.submit(from.exported, 1), "exported 1");
  assertEquals(await pool.submit(from.default, 1), "default 1");
});

testEach(WORKERS, "rejects a task that its worker has not made", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const absent = task(FIXTURE, function absent(): void {});
  const error = await within("the failure", pool.submit(absent).exception());
  assertInstanceOf(error, TypeError);
  for (const part of ["'absent'", FIXTURE.url, "makes no such task", "no such export", "exported"]) {
    assertStringIncludes(error.message, part);
  }
});

testEach(WORKERS, "does not run another function of the same name or place", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const named = task(FIXTURE, function exported2(n: number): string {
    return `of the program ${n}`;
  });
  const nameless = task(FIXTURE, (n: number): string => `of the program ${n}`);
  for (const [each, why] of [[named, "another source text"], [nameless, "makes no such task"]] as const) {
    const error = await within("the failure", pool.submit(each, 1).exception());
    assertInstanceOf(error, TypeError);
    assertStringIncludes(error.message, why);
  }
});

testEach(WORKERS, "finds an export by a name given to task()", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  const byName = task(FIXTURE, (n: number): string => `of the program ${n}`, "twin");
  assertEquals(await pool.submit(byName, 1), "other twin 1");
  assertEquals(
    await pool.submit(task(FIXTURE, (n: number): string => `of the program ${n}`, "notATask"), 1),
    "no task 1",
  );
});

testEach(WORKERS, "passes tasks that are not exported to a manager", async ({ open }) => {
  const manager = new Manager();
  const map = manager.map<string, string>();
  const pool = open({ maxWorkers: 1 });
  assertEquals(await pool.submit(updateWith, map), ["hidden", "nameless"]);
  assertEquals((await map.entries()).sort(), [["a", "hidden"], ["b", "nameless"]]);
  await manager.shutdown();
});
