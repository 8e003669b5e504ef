// The contract of actors: failures, restarts and ends.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { readFileSync } from "node:fs";
import process from "node:process";
import {
  BrokenExecutorError,
  type Future,
  InvalidStateError,
  type ProcessActor,
  TimeoutError,
  transfer,
  WorkerLostError,
} from "../../mod.ts";
import { type Counter, counter, fragile } from "../fixtures/actors.ts";
import { type Actor, PROCESS_ACTORS, type Stage, testActors } from "../support/actors.ts";
import { until, untilStarted, within } from "../support/poll.ts";
import { POSIX } from "../support/runtime.ts";
import { LONG, SHORT } from "../support/timing.ts";

const AT_ONCE = { minDelay: 1, maxDelay: 1 };
/** Ways in which an actor fails, other than by its constructor. */
const WAYS = ["exit", "throw"] as const;

/** Makes an actor fail in the middle of a call, which is returned. */
async function failing(
  made: Actor<typeof Counter>,
  way: "exit" | "throw",
  { gate }: Pick<Stage, "gate">,
): Promise<{ lost: Future<unknown>; fail: () => void }> {
  const { path, open } = gate();
  if (way === "throw") await made.call.throwOnce(path, "left behind");
  const lost: Future<unknown> = way === "exit" ? made.call.exitWhen(path) : made.call.waitForFile(gate().path);
  await untilStarted(lost);
  return { lost, fail: open };
}

for (const way of WAYS) {
  testActors(`without restart, a failure by ${way} rejects all calls exactly once`, async ({ make, gate }) => {
    const made = make(counter).start();
    const { lost, fail } = await failing(made, way, { gate });
    const calls = [lost, made.call.add(1), made.call.addLater(2)];
    let settled = 0;
    for (const call of calls) call.addDoneCallback(() => settled++);
    fail();
    for (const call of [...calls, made.result]) {
      const error = await within("the failure", call.exception());
      assertInstanceOf(error, WorkerLostError);
      if (way === "throw") assertEquals((error.cause as Error).message, "left behind");
      else assertEquals(error.exitCode, 0);
    }
    await made.join();
    assertEquals([made.alive, settled], [false, 3]);
    assertInstanceOf(await made.call.add(1).exception(), InvalidStateError);
  });

  testActors(`with restart, calls not yet sent wait for the new object after ${way}`, async ({ make, file, gate }) => {
    const log = file("log");
    const made = make(counter, [10, log], { restart: AT_ONCE }).start();
    await made.call.add(1);
    const { lost, fail } = await failing(made, way, { gate });
    const after = [made.call.addLater(1), made.call.addLater(2)];
    fail();
    assertInstanceOf(await within("the failure", lost.exception()), WorkerLostError);
    assertEquals(await within("the other calls", Promise.all(after)), [11, 13]);
    assertEquals(readFileSync(log, "utf8"), "made\nmade\n");
    assert(made.alive);
    await made.stop();
    assertEquals(await made.result, undefined);
  });
}

testActors("restart gives up past the limit, with the last error as the cause", async ({ make, file }) => {
  const log = file("log");
  const made = make(counter, [0, log], { restart: { ...AT_ONCE, maxRestarts: 1 }, name: "twice" }).start();
  await made.call.exit(3).exception();
  const waiting = made.call.addLater(1);
  await waiting;
  const last = made.call.exit(4);
  const behind = made.call.addLater(1);
  assertInstanceOf(await last.exception(), WorkerLostError);
  const error = await behind.exception();
  assertInstanceOf(error, BrokenExecutorError);
  assertEquals(error.message, "Cannot restart twice: it failed after 1 restart within 60000 ms");
  assertEquals((error.cause as WorkerLostError).exitCode, 4);
  assertInstanceOf(await made.result.exception(), BrokenExecutorError);
  await made.join();
  assertEquals(readFileSync(log, "utf8"), "made\nmade\n");
});

testActors("rejects result and all calls with the error of the constructor", async ({ make, file }) => {
  const made = make(fragile, [file("log"), 2]);
  const calls = [made.call.ping(), made.call.ping()];
  made.start();
  for (const future of [...calls, made.result]) {
    const error = await within("the failure", future.exception());
    assertInstanceOf(error, RangeError);
    assertEquals(error.message, "made 1");
  }
  await made.join();
});

testActors("restart follows a constructor that fails", async ({ make, file }) => {
  const log = file("log");
  const made = make(fragile, [log, 3], { restart: AT_ONCE }).start();
  assertEquals(await made.call.ping(), "pong");
  assertEquals(readFileSync(log, "utf8"), "made\n".repeat(3));
  await made.stop();
  const never = make(fragile, [file("other"), 9], { restart: { ...AT_ONCE, maxRestarts: 2 } }).start();
  const error = await never.call.ping().exception();
  assertInstanceOf(error, BrokenExecutorError);
  assertEquals((error.cause as Error).message, "made 3");
});

testActors("rejects result and all calls if its arguments cannot travel", async ({ make }) => {
  const made = make(counter, [(() => {}) as never]);
  const call = made.call.add(1);
  made.start();
  for (const future of [call, made.result]) {
    const error = await future.exception() as Error;
    assertEquals([error.name, error.message], ["DataCloneError", "Cannot send args[0]: a function cannot travel"]);
  }
  await made.join();
  const iterable = make(counter, [(async function* () {})() as never]).start();
  assertEquals((await iterable.result.exception() as Error).name, "DataCloneError");
  assertThrows(() => make(counter, [transfer(new ArrayBuffer(1)) as never], { restart: {} }), TypeError, "transfer");
});

testActors("terminate() rejects all calls, and nothing is started again", async ({ make, gate, file }) => {
  const log = file("log");
  const made = make(counter, [0, log], { restart: AT_ONCE }).start();
  const { path } = gate();
  const calls = [made.call.waitForFile(path), made.call.add(1)];
  await untilStarted(calls[0]!);
  await within("its end", made.terminate());
  for (const call of calls) assertInstanceOf(await call.exception(), WorkerLostError);
  assertInstanceOf(await made.result.exception(), WorkerLostError);
  assertEquals([made.alive, readFileSync(log, "utf8").split("made").length], [false, 2]);
  await made.terminate();
});

testActors("terminate() of a process disposes of the object, kill() does not", async ({ make, file }) => {
  for (const how of ["terminate", "kill"] as const) {
    const log = file(how);
    const made = make(counter, [1, log]).start() as ProcessActor<typeof Counter>;
    await made.call.add(1);
    await within("its end", made[how]());
    assertEquals(readFileSync(log, "utf8"), how === "terminate" ? "made\ndisposed at 2\n" : "made\n");
    assertInstanceOf(await made.result.exception(), WorkerLostError);
  }
}, { kinds: POSIX ? [PROCESS_ACTORS] : [] });

testActors("terminate() ends the delay before a restart", async ({ make, file }) => {
  const log = file("log");
  const made = make(counter, [0, log], { restart: { minDelay: LONG, maxDelay: LONG } }).start();
  await made.call.exit(1).exception();
  const waiting = made.call.add(1);
  await assertRejects(() => waiting.result({ timeout: SHORT }), TimeoutError);
  assert(made.alive);
  await within("its end", made.terminate());
  assertInstanceOf(await waiting.exception(), WorkerLostError);
  assertEquals(readFileSync(log, "utf8"), "made\n");
});

testActors("stop() ends the delay before a restart if no call waits", async ({ make }) => {
  const made = make(counter, [0], { restart: { minDelay: LONG, maxDelay: LONG } }).start();
  await made.call.exit(1).exception();
  await within("its end", made.stop());
  assert(!made.alive);
});

testActors("announces the failure of a call that is not observed", async ({ make }) => {
  const made = make(counter, [0], { name: "heard" }).start();
  const heard = new Promise<unknown>((resolve) => {
    made.addEventListener("unobserved", ({ detail }) => resolve(detail.task), { once: true });
  });
  void made.result.exception();
  made.call.fail("unobserved");
  assertEquals(await within("the event", heard), "counter.fail");
});

testActors("rejects every call in flight exactly once after kill -9 in the middle", async ({ make }) => {
  const made = make(counter).start();
  const pid = await made.call.pid();
  let count = 0;
  const calls = Array.from({ length: 2_000 }, (_, n) => n % 10 === 9 ? made.call.addLater(1) : made.call.add(1));
  for (const call of calls) call.addDoneCallback(() => count++);
  await calls[200];
  process.kill(pid, "SIGKILL");
  const outcomes = await within("all calls", Promise.all(calls.map((call) => call.exception())));
  assertEquals(count, calls.length);
  const lost = outcomes.filter((error) => error !== undefined);
  assert(lost.length > 0 && lost.length < calls.length - 200);
  for (const error of lost) assertInstanceOf(error, WorkerLostError);
  const first = outcomes.findIndex((error) => error !== undefined);
  assert(outcomes.slice(first).every((error) => error !== undefined), "the lost calls are the last ones");
  assertStringIncludes(String((await made.result.exception() as Error).message), POSIX ? "SIGKILL" : "Lost");
  await made.join();
}, { kinds: [PROCESS_ACTORS] });

testActors("alive is false once the actor has ended itself", async ({ make }) => {
  const made = make(counter).start();
  void made.call.exit(0).exception();
  void made.result.exception();
  await until("the actor has ended", () => !made.alive);
});
