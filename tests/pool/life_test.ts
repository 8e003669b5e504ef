import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  BrokenExecutorError,
  CancelledError,
  InvalidStateError,
  RejectedError,
  type ThreadPoolExecutor,
  TimeoutError,
} from "../../mod.ts";
import { failToPrepare, leaveTrace } from "../fixtures/setup_tasks.ts";
import { noted } from "../fixtures/stream_tasks.ts";
import { add, neverEnd, waitForFile, workerId } from "../fixtures/tasks.ts";
import { ALL, INLINE, testEach, WORKERS } from "../support/executors.ts";
import { until, within } from "../support/poll.ts";
import { LONG, SHORT } from "../support/timing.ts";

testEach(
  ALL,
  "terminate() rejects all futures as cancelled, and ends the workers without grace",
  async ({ open, file }) => {
    const pool = open({ maxWorkers: 1, grace: LONG });
    const running = pool.submit(neverEnd);
    const waiting = pool.submit(add, 1, 2);
    const stream = pool.stream(noted, file("log"));
    const next = stream.next();
    const broadcast = Promise.resolve(pool.broadcast(workerId));
    const failures = [running, waiting, next, broadcast].map((each) =>
      assertRejects(async () => await each, CancelledError)
    );
    await within("the end", pool.terminate());
    await Promise.all(failures);
    assertEquals(pool.stats().workers, { idle: 0, busy: 0, starting: 0 });
    assertThrows(() => pool.submit(add, 1, 2), InvalidStateError);
    await pool.terminate();
    await pool.shutdown();
  },
);

testEach(
  WORKERS,
  "ready() resolves when minWorkers have run their initializer, and starts no more",
  async ({ open, file }) => {
    const log = file("log");
    const pool = open({ maxWorkers: 3, minWorkers: 2, initializer: leaveTrace, initArgs: [log] });
    await pool.ready();
    assertEquals(pool.stats().workers, { idle: 2, busy: 0, starting: 0 });
    await pool.ready({ timeout: 0 });
    await within("ready()", open({ maxWorkers: 3 }).ready());
  },
);

testEach(WORKERS, "ready() rejects when the pool breaks or the wait is over", async ({ open }) => {
  const broken = open({ minWorkers: 1, initializer: failToPrepare, initArgs: ["no"] });
  await assertRejects(() => broken.ready(), BrokenExecutorError);
  const pool = open({ minWorkers: 1 });
  await assertRejects(() => pool.ready({ timeout: 0 }), TimeoutError);
  await assertRejects(() => pool.ready({ signal: AbortSignal.abort(new RangeError("no more")) }), RangeError);
  await pool.shutdown();
  await assertRejects(() => pool.ready(), InvalidStateError);
});

testEach(WORKERS, "maxWorkers can be raised and lowered while tasks run", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1, minWorkers: 1 }) as ThreadPoolExecutor;
  const gates = [gate(), gate(), gate()];
  const running = gates.map(({ path }) => pool.submit(waitForFile, path, 1));
  await until("one runs", () => pool.stats().workers.busy === 1);
  pool.maxWorkers = 3;
  assertEquals([pool.maxWorkers, pool.with({}).maxWorkers], [3, 3]);
  await until("all run", () => pool.stats().workers.busy === 3);
  pool.maxWorkers = 1;
  for (const each of gates) each.open();
  await Promise.all(running);
  await until("two have ended", () => pool.stats().workers.idle === 1);
  assertEquals(await pool.submit(add, 1, 2), 3);
  for (const wrong of [0, 1.5, NaN]) assertThrows(() => pool.maxWorkers = wrong, RangeError, "maxWorkers");
  const kept = open({ maxWorkers: 3, minWorkers: 2 }) as ThreadPoolExecutor;
  assertThrows(() => kept.maxWorkers = 1, RangeError, "maxWorkers");
});

testEach([INLINE], "maxWorkers of an executor without workers stays", ({ open }) => {
  const pool = open({ maxWorkers: 1 }) as ThreadPoolExecutor;
  assertThrows(() => pool.maxWorkers = 2, TypeError);
});

testEach(ALL, "pause() holds back waiting tasks until resume()", async ({ open }) => {
  const pool = open({ maxWorkers: 1 });
  await pool.submit(add, 1, 1);
  pool.pause();
  const futures = Array.from({ length: 100 }, (_, n) => pool.submit(add, n, 1));
  await assertRejects(() => futures[0]!.result({ timeout: SHORT }), TimeoutError);
  assertEquals(pool.stats().waiting, 100);
  assertThrows(() => pool.callSync(add, 1, 2), InvalidStateError, "paused");
  assertEquals(futures[99]!.cancel(), true);
  pool.resume();
  assertEquals(await futures[98], 99);
});

testEach(ALL, "room() serves callers in order, one for each place", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1, queueLimit: 1, overflow: "reject" });
  await within("room()", pool.room());
  const [first, second] = [gate(), gate()];
  const running = [pool.submit(waitForFile, first.path, 1), pool.submit(waitForFile, second.path, 2)];
  await assertRejects(() => pool.submit(add, 1, 2), RejectedError);
  await assertRejects(() => pool.room({ timeout: 0 }), TimeoutError);
  const order: number[] = [];
  const held = gate();
  const callers = [1, 2].map((n) =>
    pool.room().then(() => {
      order.push(n);
      return pool.submit(waitForFile, held.path, n).exception();
    })
  );
  await assertRejects(() => pool.room({ signal: AbortSignal.abort(new RangeError("no more")) }), RangeError);
  first.open();
  await running[0];
  await until("the first caller has a place", () => order.length === 1);
  second.open();
  await until("the second has", () => order.length === 2);
  assertEquals(order, [1, 2]);
  held.open();
  assertEquals(await Promise.all(callers), [undefined, undefined]);
});
