// Tests that tasks sent to a busy worker can be recalled and run on another one.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CancelledError, type Future, QueueEmptyError, SharedQueue, type Task } from "../../mod.ts";
import * as tasks from "../fixtures/recall_tasks.ts";
import { type Pool, testEach, THREADS, WORKERS } from "../support/executors.ts";
import { within } from "../support/poll.ts";
import { SHORT } from "../support/timing.ts";

/** The second task waits for the fourth, which was sent behind it. */
const ROLES: readonly tasks.Role[] = ["none", "wait", "none", "give", ...Array<"none">(60).fill("none")];

for (const task of [tasks.sign, tasks.signSync] as Task<[string, tasks.Role], unknown>[]) {
  const title = `gives a free worker the short tasks behind a task that waits for them, ${task.name}`;
  // A blocked process cannot be asked to return tasks.
  testEach(task.name === "sign" ? WORKERS : [THREADS], title, async ({ open, file }) => {
    const pool = open({ maxWorkers: 2 });
    let started = 0;
    const count = () => void started++;
    for (let round = 0; round < 3; round++) {
      const submit = (role: tasks.Role) => pool.submit(task, file(`sign-${round}`), role);
      // After these calls the pool expects short tasks.
      for (let n = 0; n < 300; n++) await submit("none");
      pool.addEventListener("taskstart", count);
      const results = await within("all of them", Promise.all(ROLES.map(submit)));
      pool.removeEventListener("taskstart", count);
      assertEquals(results, [...ROLES]);
      assertEquals([pool.stats().waiting, pool.stats().running], [0, 0]);
    }
    assertEquals([started, pool.stats().failed], [3 * ROLES.length, 0]);
  });
}

/** Submits tasks to a pool of two threads while the caller blocks, so that one task waits for the task behind it. */
async function handedOut(pool: Pool): Promise<{ taken: Future<string>; put: Future<void> }> {
  const queue = new SharedQueue<string>();
  await Promise.all([1, 2].map(() => pool.submit(tasks.block, 5)));
  const taken = pool.submit(tasks.takeOne, queue);
  void pool.submit(tasks.block, 3 * SHORT);
  const put = pool.submit(tasks.putOne, queue, "item");
  assertThrows(() => new SharedQueue().getSync({ timeout: SHORT }), QueueEmptyError);
  return { taken, put };
}

testEach([THREADS], "gives a free worker the task behind another after the caller blocked", async ({ open }) => {
  const { taken, put } = await handedOut(open({ maxWorkers: 2 }));
  assertEquals(await within("the item", taken), "item");
  await put;
});

testEach([THREADS], "cancels and aborts the task behind another after the caller blocked", async ({ open }) => {
  for (const how of ["cancel", "abort"] as const) {
    const pool = open({ maxWorkers: 2 });
    const { taken, put } = await handedOut(pool);
    const queue = new SharedQueue<string>();
    if (how === "cancel") assert(put.cancel());
    else put.abort("stop");
    if (how === "cancel") await assertRejects(() => put, CancelledError);
    else assertEquals(put.exceptionNow(), "stop");
    taken.abort("enough");
    await within("another task", pool.submit(tasks.putOne, queue, "other"));
    assertEquals(queue.getSync(), "other");
  }
});
