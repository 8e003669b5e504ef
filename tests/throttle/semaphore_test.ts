// Deadline: 180 s
// Tests throttles that share a semaphore: in one loop, across threads, and across processes of which one is killed.

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import {
  Process,
  RejectedError,
  Semaphore,
  ThreadPoolExecutor,
  Throttle,
  TimeoutError,
  WorkerLostError,
} from "../../mod.ts";
import { visit } from "../fixtures/throttle_tasks.ts";
import { until } from "../support/poll.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";
import { settle } from "./callers.ts";
import { startServer } from "./server.ts";

const timeout = SLOW_TEST_LIMIT;
const LIMIT = 5;

/** A server with a short delay, so that simultaneous requests overlap. */
function start() {
  return startServer((_request, response) => void setTimeout(() => response.end("hello"), 1));
}

test("Throttle over a Semaphore keeps its limit together with others", async () => {
  const semaphore = new Semaphore(3);
  const one = new Throttle({ semaphore }), two = new Throttle({ limit: 2, semaphore });
  let inside = 0, most = 0;
  const visitOnce = async () => {
    most = Math.max(most, ++inside);
    for (let i = 0; i < 5; i++) await null;
    inside--;
  };
  await Promise.all(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? one : two).run(visitOnce)));
  assertEquals([most, semaphore.available, one.active, two.active], [3, 3, 0, 0]);
});

test("Throttle over a Semaphore takes as many permits as the weight, and keeps keys fair", async () => {
  const semaphore = new Semaphore(2);
  const throttle = new Throttle({ semaphore });
  const permit = await throttle.acquire({ weight: 2 });
  assertEquals([semaphore.available, throttle.active], [0, 2]);
  const order: string[] = [];
  const runs = ["a", "a", "a", "b"].map((key) => throttle.run(() => void order.push(key), { key }));
  assertEquals([throttle.active, throttle.waiting], [2, 4]);
  permit.release();
  await Promise.all(runs);
  assertEquals([order.indexOf("b") < 2, semaphore.available, throttle.active], [true, 2, 0], order.join(""));
});

test("Throttle over a Semaphore waits within its limits and returns unused permits", async () => {
  const semaphore = new Semaphore(1);
  const throttle = new Throttle({ semaphore, queueLimit: 2 });
  const strict = new Throttle({ semaphore, queueLimit: 0 });
  const held = await semaphore.acquire();
  const controller = new AbortController();
  const late = throttle.acquire({ timeout: 20 });
  const leaving = throttle.acquire({ signal: controller.signal });
  await assertRejects(() => throttle.acquire(), RejectedError);
  await assertRejects(() => strict.acquire(), RejectedError);
  await assertRejects(() => late, TimeoutError);
  await settle();
  // This throttle is the next to acquire.
  controller.abort(new Error("enough"));
  await assertRejects(() => leaving, Error, "enough");
  assertEquals([throttle.waiting, throttle.active], [0, 0]);
  const waits = [throttle.acquire(), throttle.acquire()];
  const ends = Promise.allSettled(waits);
  throttle.close();
  for (const end of await ends) assertInstanceOf((end as PromiseRejectedResult).reason, RejectedError);
  held.release();
  assertEquals([semaphore.available, throttle.active, throttle.waiting], [1, 0, 0]);
  (await strict.acquire()).release();
  assertEquals(semaphore.available, 1);
});

test("Throttle over a Semaphore counts only started calls against the rate", async () => {
  const semaphore = new Semaphore(1);
  const throttle = new Throttle({ semaphore, rate: { limit: 2, interval: 60_000 } });
  const held = await semaphore.acquire();
  await assertRejects(() => throttle.acquire({ timeout: 5 }), TimeoutError);
  held.release();
  for (let i = 0; i < 2; i++) (await throttle.acquire()).release();
  await assertRejects(() => throttle.acquire({ timeout: 5 }), TimeoutError);
  assertEquals(semaphore.available, 1);
});

test("Throttle over a Semaphore caps 4 threads and this one together", { timeout }, async () => {
  const server = await start();
  const pool = new ThreadPoolExecutor({ maxWorkers: 4 });
  try {
    const semaphore = new Semaphore(LIMIT);
    const tasks = Array.from({ length: 4 }, () => pool.submit(visit, semaphore, server.url, 150));
    assertEquals(await Promise.all([...tasks, visit(semaphore, server.url, 150)]), [150, 150, 150, 150, 150]);
    assertEquals([server.served, server.most, semaphore.available], [750, LIMIT, LIMIT]);
  } finally {
    await pool.shutdown();
    await server.close();
  }
});

test("Throttle over a Semaphore caps 3 processes, of which one is killed", { timeout }, async () => {
  const server = await start();
  try {
    const semaphore = new Semaphore(LIMIT);
    const processes = Array.from({ length: 3 }, () => new Process(visit, [semaphore, server.url, 200]).start());
    const [doomed, ...others] = processes;
    const halfWay = new Promise<void>((resolve) => {
      doomed!.result.onProgress((answered) => {
        if (Number(answered) >= 100) resolve();
      });
    });
    const lost = doomed!.result.exception();
    await halfWay;
    process.kill(doomed!.pid!, "SIGKILL");
    assertInstanceOf(await lost, WorkerLostError);
    assertEquals(await Promise.all(others.map(({ result }) => result)), [200, 200]);
    await Promise.all(processes.map((each) => each.join()));
    await until("all permits are back", () => semaphore.available === LIMIT);
    assert(server.served >= 500 && server.served < 600, `${server.served} served`);
    assert(server.most > 1 && server.most <= LIMIT, `${server.most} at once`);
  } finally {
    await server.close();
  }
});
