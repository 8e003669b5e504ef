// Tests tasks as arguments, results and queue items: a task arrives as a task.

import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { inline, Queue, SharedQueue, type Task, tasksFrom } from "../../mod.ts";
import * as tasks from "../fixtures/carried_tasks.ts";
import { ALL, INLINE, type Pool, testEach, THREADS } from "../support/executors.ts";

type Count = Task<[number], number>;

const OTHER = new URL("../fixtures/other_tasks.ts", import.meta.url);

testEach(ALL, "submit() passes tasks as arguments, which can be called where their module is loaded", async (stage) => {
  const pool = stage.shared();
  assertEquals(await pool.submit(tasks.apply, tasks.triple, 5), 15);
  assertEquals(await pool.submit(tasks.apply, inline((n: number) => n + 1), 5), 6);
});

testEach(ALL, "submit() returns tasks of this program as the same objects", async (stage) => {
  const pool = stage.shared();
  assertStrictEquals(await pool.submit(tasks.pass, tasks.triple), tasks.triple);
  assertStrictEquals(await pool.submit(tasks.give, "triple"), tasks.triple);
  const [one, same] = await pool.submit(tasks.give, "twice") as Count[];
  assertStrictEquals(one, same);
});

testEach(ALL, "submit() returns tasks that are not exported, which can be submitted", async (stage) => {
  const pool = stage.shared();
  const hidden = await pool.submit(tasks.give, "hidden") as Count;
  assertEquals([hidden(1), await pool.submit(hidden, 2)], [101, 102]);
});

testEach(ALL, "submit() returns inline tasks, which can be called and submitted", async (stage) => {
  const pool = stage.shared();
  const minusOne = await pool.submit(tasks.give, "inline") as Count;
  assertEquals([minusOne(5), await pool.submit(minusOne, 6), await pool.submit(tasks.apply, minusOne, 7)], [4, 5, 6]);
});

testEach(ALL, "submit() returns tasks of modules that are not loaded, which can be submitted", async (stage) => {
  const pool = stage.shared();
  const { negate } = tasksFrom<typeof import("../fixtures/other_tasks.ts")>(OTHER);
  for (const task of [await pool.submit(tasks.give, "handle"), await pool.submit(tasks.pass, negate)] as Count[]) {
    assertEquals([task.name, task.url], ["negate", OTHER.href]);
    assertThrows(() => task(1), TypeError, "Cannot call 'negate' in place");
    assertEquals(await pool.submit(task, 4), -4);
    assertEquals(await pool.submit(task, 5), -5);
  }
});

testEach(ALL, "submit() keeps tasks in the properties of errors, and refuses plain functions", async (stage) => {
  const pool = stage.shared();
  const error = await pool.submit(tasks.give, "in an error").exception() as Error & { task: unknown };
  assertEquals([error.message, error.task === tasks.triple], ["carries a task", true]);
  await assertRejects(() => pool.submit(tasks.give, "function"), DOMException, "a function cannot travel");
  await assertRejects(() => pool.submit(tasks.pass, [() => 1]), DOMException, "Cannot send args[0][0]: a function");
});

testEach(ALL, "queues pass tasks on", async (stage) => {
  const pool: Pool = stage.shared();
  const queue = new Queue<unknown>();
  await queue.put(tasks.triple);
  await pool.submit(tasks.putInto, queue, await pool.submit(tasks.getFrom, queue));
  assertStrictEquals(await queue.get(), tasks.triple);
  if (stage.kind !== INLINE && stage.kind !== THREADS) return;
  const shared = new SharedQueue<unknown>();
  await shared.put(tasks.triple);
  await pool.submit(tasks.putInto, shared, await pool.submit(tasks.getFrom, shared));
  assertStrictEquals(await shared.get(), tasks.triple);
});
