// Tests keyed locks that are passed to processes.

import { assertEquals, assertInstanceOf } from "@std/assert";
import { after, test } from "node:test";
import { AbandonedError, Event, KeyedLock, KeyedSemaphore, ProcessPoolExecutor, WorkerLostError } from "../../mod.ts";
import * as tasks from "../fixtures/keyed_tasks.ts";
import { until } from "../support/poll.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;
const pool = new ProcessPoolExecutor({ maxWorkers: 2 });
after(() => pool.shutdown());

for (const make of [() => new KeyedLock(), () => new KeyedSemaphore(1)]) {
  test(`${make().constructor.name}.run() makes processes exclude each other, key by key`, { timeout }, async () => {
    const lock = make();
    const other = await lock.acquire("b");
    let inside = 0;
    const here = async () => {
      for (let i = 0; i < 50; i++) {
        await lock.run("a", async () => {
          assertEquals(++inside, 1);
          await null;
          inside--;
        });
      }
    };
    const [one, two] = await Promise.all([
      pool.submit(tasks.enterKey, lock, "a", 50),
      pool.submit(tasks.enterKey, lock, "a", 50),
      here(),
    ]);
    other.release();
    assertEquals([one, two, [...lock.keys()]], [50, 50, []]);
  });
}

test(
  "KeyedLock.acquire() rejects with AbandonedError when the process that holds the key dies",
  { timeout },
  async () => {
    const lock = new KeyedLock(), has = new Event(), go = new Event();
    const doomed = new ProcessPoolExecutor({ maxWorkers: 1 });
    const lost = doomed.submit(tasks.dieWithKey, lock, "a", has, go).exception();
    await has.wait();
    const waits = [1, 2].map(() => lock.acquire("a").then(() => undefined, (error) => error));
    const other = await lock.acquire("b");
    go.set();
    for (const error of await Promise.all(waits)) assertInstanceOf(error, AbandonedError);
    assertInstanceOf(await lost, WorkerLostError);
    (await lock.acquire("a")).release();
    other.release();
    assertEquals([...lock.keys()], []);
    await doomed.shutdown();
  },
);

test("KeyedSemaphore recovers the permits of a process that dies", { timeout }, async () => {
  const semaphore = new KeyedSemaphore(1), has = new Event(), go = new Event();
  const doomed = new ProcessPoolExecutor({ maxWorkers: 1 });
  const lost = doomed.submit(tasks.dieWithKey, semaphore, "a", has, go).exception();
  await has.wait();
  const next = semaphore.acquire("a");
  go.set();
  (await next).release();
  assertInstanceOf(await lost, WorkerLostError);
  await until("the key is forgotten", () => [...semaphore.keys()].length === 0);
  await doomed.shutdown();
});

test(
  "KeyedLock throws InvalidStateError in a process for methods that must answer synchronously",
  { timeout },
  async () => {
    for (const lock of [new KeyedLock(), new KeyedSemaphore(1)]) {
      const names = await pool.submit(tasks.refusedForms, lock);
      assertEquals(names, ["InvalidStateError", "InvalidStateError", "InvalidStateError"]);
      assertEquals(await pool.submit(tasks.tryKey, lock, "a", "async", 0), "held");
    }
  },
);
