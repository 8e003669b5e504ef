// Tests the restart of threads and processes after failures.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { readFileSync } from "node:fs";
import { BrokenExecutorError, CancelledError, Semaphore, transfer, WorkerLostError } from "../../mod.ts";
import { until, untilStarted, within } from "../support/poll.ts";
import { LONG, SHORT } from "../support/timing.ts";
import { neverEnd } from "../fixtures/tasks.ts";
import { testBoth } from "./kinds.ts";
import { failUntil, grow } from "./tasks.ts";

const AT_ONCE = { minDelay: 1, maxDelay: 1 };

function runs(file: string): number {
  try {
    return readFileSync(file, "utf8").length;
  } catch {
    return 0;
  }
}

for (const how of ["throw", "exit"] as const) {
  testBoth(`restart runs a task that ends by ${how} again, in a new worker`, async ({ make, file }) => {
    const path = file("runs");
    const singleWorker = make(failUntil, [path, 3, how], { restart: AT_ONCE }).start();
    const { ident } = singleWorker;
    assertEquals(await singleWorker.result, 3);
    await singleWorker.join();
    assert(singleWorker.ident !== ident);
    assertEquals([singleWorker.alive, runs(path)], [false, 3]);
  });

  testBoth(`restart gives up past the limit of a task that ends by ${how}`, async ({ make, file }) => {
    const path = file("runs");
    const singleWorker = make(failUntil, [path, Infinity, how], { restart: { ...AT_ONCE, maxRestarts: 2 } }).start();
    const error = await assertRejects(() => singleWorker.result.result(), BrokenExecutorError);
    assertEquals(error.message, `Cannot restart ${singleWorker.name}: it failed after 2 restarts within 60000 ms`);
    if (how === "throw") assertEquals((error.cause as Error).message, "run 3");
    else assertInstanceOf(error.cause, WorkerLostError);
    await singleWorker.join();
    assertEquals([singleWorker.alive, runs(path)], [false, 3]);
  });
}

testBoth("restart passes the arguments of the start to each run", async ({ make, file }) => {
  const list = [1, 2];
  const semaphore = new Semaphore(5);
  const singleWorker = make(grow, [file("runs"), list, semaphore], { restart: AT_ONCE }).start();
  list.push(3);
  assertEquals(await singleWorker.result, [1, 2, 0]);
  // The run that failed has given its permit back.
  assertEquals(semaphore.available, 4);
});

testBoth("restart refuses arguments that are transferred", ({ make, kind }) => {
  const args: [string, unknown] = ["", transfer(new ArrayBuffer(8))];
  const error = assertThrows(() => make(grow as never, args, { restart: {} }), TypeError);
  assertStringIncludes(error.message, `Cannot make a ${kind.name} as 'args' must not transfer anything`);
});

testBoth("restart does not follow arguments that cannot travel", async ({ make }) => {
  const singleWorker = make(grow as never, ["", () => {}], { restart: AT_ONCE }).start();
  const error = await singleWorker.result.exception() as Error;
  assertEquals([error.name, error.message], ["DataCloneError", "Cannot send args[1]: a function cannot travel"]);
  await singleWorker.join();
});

testBoth("restart never follows terminate()", async ({ make }) => {
  const singleWorker = make<[], unknown>(neverEnd, [], { restart: AT_ONCE }).start();
  await untilStarted(singleWorker.result);
  await singleWorker.terminate();
  assertInstanceOf(await singleWorker.result.exception(), WorkerLostError);
  assert(!singleWorker.alive);
});

testBoth("terminate() ends the delay before a restart, with the last failure", async ({ make, file }) => {
  const path = file("runs");
  const singleWorker = make(failUntil, [path, Infinity, "throw"], { restart: { minDelay: LONG, maxDelay: LONG } });
  singleWorker.start();
  await until("the first run has failed", () => runs(path) === 1);
  await assertRejects(() => singleWorker.join({ timeout: 4 * SHORT }), Error);
  assertEquals([singleWorker.alive, singleWorker.result.done], [true, false]);
  await within("its end", singleWorker.terminate());
  assertEquals((await singleWorker.result.exception() as Error).message, "run 1");
  assertEquals([singleWorker.alive, runs(path)], [false, 1]);
});

testBoth("result.abort() ends the delay before a restart", async ({ make, file }) => {
  const path = file("runs");
  const singleWorker = make(failUntil, [path, Infinity, "throw"], { restart: { minDelay: LONG, maxDelay: LONG } });
  singleWorker.start();
  await until("the first run has failed", () => runs(path) === 1);
  await assertRejects(() => singleWorker.join({ timeout: 4 * SHORT }), Error);
  singleWorker.result.abort("enough");
  await within("its end", singleWorker.join());
  assertEquals(await singleWorker.result.exception(), "enough");
});

testBoth("restart does not follow a cancelled result", async ({ make, file }) => {
  const singleWorker = make(failUntil, [file("runs"), 1, "throw"], { restart: AT_ONCE });
  singleWorker.result.cancel();
  assertInstanceOf(await singleWorker.result.exception().catch((error) => error), CancelledError);
});
