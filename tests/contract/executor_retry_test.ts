// Tests the retries of failed tasks.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { CancelledError, TimeoutError, WorkerLostError } from "../../mod.ts";
import * as retry from "../fixtures/retry_tasks.ts";
import * as tasks from "../fixtures/tasks.ts";
import { countingSignal } from "../support/signals.ts";
import { ALL, countsOf, testEach, WORKERS } from "../support/executors.ts";
import { until, within } from "../support/poll.ts";
import { LONG, SHORT } from "../support/timing.ts";

/** Retries without a pause. */
const AT_ONCE = { minDelay: 0, maxDelay: 0 };
/** Pauses so long that no second attempt starts within the test. */
const NEVER = { minDelay: LONG, maxDelay: LONG, jitter: 0 };

testEach(
  ALL,
  "with({ retry }) repeats a task until it succeeds, and passes it the attempt number",
  async (stage) => {
    const pool = stage.shared();
    const trying = pool.with({ retry: AT_ONCE });
    assertEquals(await trying.submit(retry.failUntil, 3), 3);
    assertEquals(await trying.submit(retry.failUntil, 1), 1);
    assertEquals((await pool.submit(tasks.context)).attempt, 1);
  },
);

testEach(ALL, "with({ retry }) rejects with the task's last error, which carries the earlier ones", async (stage) => {
  const trying = stage.shared().with({ retry: { ...AT_ONCE, maxAttempts: 3 } });
  const future = trying.submit(retry.failUntil, 9);
  const error = await within("the last attempt", future.exception()) as RangeError & { errors: Error[] };
  assertInstanceOf(error, RangeError);
  assertEquals(error.message, "attempt 3 failed");
  assertEquals(error.errors.map((each) => [each.name, each.message]), [
    ["RangeError", "attempt 1 failed"],
    ["RangeError", "attempt 2 failed"],
  ]);
  assertEquals(Object.keys(error), []);
});

testEach(ALL, "with({ retry }) asks retryIf with the error and the attempt number", async (stage) => {
  const asked: [string, number][] = [];
  const retryIf = (error: unknown, attempt: number) => {
    asked.push([(error as Error).message, attempt]);
    return attempt < 2;
  };
  const future = stage.shared().with({ retry: { ...AT_ONCE, retryIf } }).submit(retry.failUntil, 9);
  await assertRejects(() => future, RangeError, "attempt 2 failed");
  assertEquals(asked, [["attempt 1 failed", 1], ["attempt 2 failed", 2]]);
});

testEach(ALL, "with({ retry }) applies to the items of a map, one by one and in order", async (stage) => {
  const trying = stage.shared().with({ retry: AT_ONCE });
  assertEquals(await trying.map(retry.failUntil, [1, 3, 2, 1], { chunkSize: 3 }), [1, 3, 2, 1]);
  const twice = stage.shared().with({ retry: { ...AT_ONCE, maxAttempts: 2 } });
  const seen: number[] = [];
  const error = await assertRejects(
    async () => {
      for await (const value of twice.map(retry.failUntil, [1, 2, 3, 1])) seen.push(value);
    },
    RangeError,
    "attempt 2 failed",
  ) as RangeError & { errors: Error[] };
  assertEquals([seen, error.errors.length], [[1, 2], 1]);
});

testEach(ALL, "with({ retry }) gives each attempt fresh copies of the arguments", async (stage) => {
  const bytes = new Uint8Array(1_000_000).fill(7);
  const trying = stage.shared().with({ retry: AT_ONCE });
  assertEquals(await trying.submit(retry.spoil, bytes, 3), [7, 3]);
  assertEquals(bytes[0], 7);
});

testEach(ALL, "with({ retry }) counts the task once, and its pause as waiting", async ({ shared }) => {
  const pool = shared();
  const counts = countsOf(pool);
  const future = pool.with({ retry: NEVER }).submit(retry.failUntil, 9);
  await until("it pauses", () => counts().timed === 1);
  const { waiting, running } = pool.stats();
  assertEquals([waiting, running, counts().failed, future.done, future.running], [1, 0, 0, false, false]);
  future.abort("stop");
  assertEquals([pool.stats().waiting, counts().failed + counts().cancelled], [0, 1]);
});

testEach(ALL, "abort(), a signal and cancel() end a pause at once", async ({ shared }) => {
  const pool = shared();
  const counts = countsOf(pool);
  const { controller, signal, listeners } = countingSignal();
  const trying = pool.with({ retry: NEVER, signal });
  const futures = [1, 2, 3].map(() => trying.submit(retry.failUntil, 9));
  await until("all pause", () => counts().timed === 3);
  const reason = new Error("enough");
  futures[0]!.abort(reason);
  assertStrictEquals(futures[0]!.exceptionNow(), reason);
  assert(futures[1]!.cancel());
  await assertRejects(() => futures[1]!, CancelledError);
  assertEquals(listeners(), 1);
  controller.abort(reason);
  assertStrictEquals(futures[2]!.exceptionNow(), reason);
  assertEquals([listeners(), pool.stats().waiting], [0, 0]);
  assertEquals(await pool.submit(tasks.double, 4), 8);
});

testEach(ALL, "shutdown() ends a pause at once, with the error of the last attempt", async ({ open }) => {
  for (const cancelFutures of [false, true]) {
    const pool = open({ maxWorkers: 1 });
    const future = pool.with({ retry: NEVER }).submit(retry.failUntil, 9);
    await until("it pauses", () => pool.stats().runTime.count === 1);
    await within("the shutdown", pool.shutdown({ cancelFutures }));
    if (cancelFutures) await assertRejects(() => future, CancelledError);
    else await assertRejects(() => future, RangeError, "attempt 1 failed");
  }
});

testEach(ALL, "shutdown() lets the attempt that runs be the last", async ({ open, gate }) => {
  const pool = open({ maxWorkers: 1 });
  const { path, open: openGate } = gate();
  const future = pool.with({ retry: AT_ONCE }).submit(retry.failBehind, path);
  await until("it runs", () => future.running);
  const closed = pool.shutdown();
  openGate();
  await assertRejects(() => future, RangeError, "attempt 1 failed");
  await within("the shutdown", closed);
});

testEach(
  ALL,
  "with({ retry, timeout }) limits each attempt, and repeats attempts that timed out",
  async (stage) => {
    const pool = stage.shared();
    await pool.submit(tasks.double, 1);
    const future = pool.with({ retry: AT_ONCE, timeout: SHORT }).submit(retry.hangUntil, 2);
    assertEquals(await within("the second attempt", future), 2);
    const both = pool.with({ retry: { ...AT_ONCE, maxAttempts: 2 }, timeout: SHORT }).submit(retry.hangUntil, 3);
    const error = await within("the last attempt", both.exception()) as TimeoutError & { errors: unknown[] };
    assertInstanceOf(error, TimeoutError);
    assertInstanceOf(error.errors[0], TimeoutError);
  },
);

testEach(WORKERS, "with({ retry, timeout }) abandons a worker that ignores its signal", async ({ shared }) => {
  const pool = shared();
  const counts = countsOf(pool);
  await pool.submit(tasks.double, 1);
  const future = pool.with({ retry: AT_ONCE, timeout: SHORT, grace: SHORT }).submit(retry.deafUntil, 2);
  assertEquals(await within("the second attempt", future), 2);
  assertEquals(await pool.submit(tasks.double, 2), 4);
  assertEquals(counts().failed, 0);
});

testEach(WORKERS, "with({ retry }) repeats a task of a lost worker only if retryIf says so", async ({ shared }) => {
  const pool = shared();
  const careful = pool.with({ retry: AT_ONCE }).submit(retry.exitUntil, 2);
  await assertRejects(() => careful, WorkerLostError);
  const retryIf = (error: unknown) => error instanceof WorkerLostError;
  const bold = pool.with({ retry: { ...AT_ONCE, retryIf } });
  assertEquals(await bold.submit(retry.exitUntil, 2), 2);
  await assertRejects(() => bold.submit(retry.failUntil, 2), RangeError, "attempt 1");
});

testEach(ALL, "with({ retry }) rejects invalid values", async (stage) => {
  const pool = stage.shared();
  const wrong: [unknown, new (message: string) => Error, string][] = [
    [5, TypeError, "'retry' must be an object"],
    [{ maxAttempts: 0 }, RangeError, "'retry.maxAttempts' must be an integer"],
    [{ minDelay: -1 }, RangeError, "'retry.minDelay'"],
    [{ minDelay: 5, maxDelay: 4 }, RangeError, "must not be above 'maxDelay', 4: current value is 5"],
    [{ jitter: 2 }, RangeError, "'retry.jitter' must be a number from 0 to 1: current value is 2"],
    [{ jitter: "1" }, TypeError, "'retry.jitter'"],
    [{ retryIf: 5 }, TypeError, "'retry.retryIf' must be a function"],
  ];
  for (const [given, Class, message] of wrong) {
    assertThrows(() => pool.with({ retry: given as never }), Class, message);
  }
  assertEquals(await pool.with({ retry: {} }).submit(tasks.double, 1), 2);
});
