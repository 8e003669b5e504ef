import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { delay } from "@std/async";
import { TimeoutError } from "../../src/core/errors.ts";
import { Condition } from "../../src/sync/condition.ts";
import { Lock } from "../../src/sync/lock.ts";
import { turn } from "../support/log.ts";
import { within } from "../support/poll.ts";
import { countingSignal } from "../support/signals.ts";
import { SHORT } from "../support/timing.ts";

test("Condition.waitFor() returns when its predicate holds, which it calls with the lock held", async () => {
  const lock = new Lock();
  const condition = new Condition(lock);
  let [state, asked] = [0, 0];
  const waiting = condition.run(() =>
    condition.waitFor(() => {
      asked++;
      assert(lock.locked);
      return state >= 4 ? `state ${state}` : undefined;
    })
  );
  await turn();
  for (; state < 4; await turn()) {
    await condition.run(() => {
      state++;
      condition.notify();
    });
  }
  assertEquals([await within("the predicate", waiting), asked], ["state 4", 5]);
});

test("Condition.waitFor() does not wait if its predicate already holds, even with a timeout of 0", async () => {
  const condition = new Condition();
  const options = { timeout: 0 };
  assertEquals(await condition.run(() => condition.waitFor(() => "yes", options)), "yes");
  assertEquals(await condition.run(() => condition.waitFor(() => Promise.resolve("later"), options)), "later");
  const permit = condition.acquireSync();
  assertEquals(condition.waitForSync(() => "yes", options), "yes");
  permit.release();
});

test("Condition.waitFor() has one time limit for all its waits, even if it is notified repeatedly", async () => {
  const condition = new Condition();
  let asked = 0;
  const start = performance.now();
  const waiting = condition.run(() => condition.waitFor(() => ++asked < 0, { timeout: 4 * SHORT }));
  const failed = assertRejects(() => waiting, TimeoutError);
  let over = false;
  void failed.finally(() => over = true);
  while (!over) {
    await condition.run(() => condition.notifyAll());
    await delay(1);
  }
  const elapsed = performance.now() - start;
  assert(elapsed > 4 * SHORT - 2 && elapsed < 40 * SHORT, `${elapsed} ms`);
  assert(asked > 2, `${asked} times`);
  assertMatch((await failed).message, /within 200 ms$/);
});

test("Condition.waitForSync() reports its whole time limit when it times out", () => {
  const condition = new Condition();
  const permit = condition.acquireSync();
  const { message } = assertThrows(() => condition.waitForSync(() => false, { timeout: SHORT }), TimeoutError);
  assertMatch(message, /within 50 ms$/);
  permit.release();
});

test("Condition.waitFor() throws an error of its predicate, with the lock held", async () => {
  const condition = new Condition();
  const failure = new Error("torn");
  const permit = await condition.acquire();
  const thrown = await assertRejects(() =>
    condition.waitFor(() => {
      throw failure;
    })
  );
  assertStrictEquals(thrown, failure);
  await assertRejects(() => condition.waitFor(() => Promise.reject(failure)), Error, "torn");
  assertThrows(() =>
    condition.waitForSync(() => {
      throw failure;
    })
  );
  assertEquals(condition.locked, true);
  permit.release();
  assertEquals(condition.locked, false);
});

test("Condition.waitFor() rejects invalid predicates, and rejects with the reason of its signal", async () => {
  const condition = new Condition();
  const permit = await condition.acquire();
  for (const predicate of [undefined, null, true, "x"]) {
    await assertRejects(() => condition.waitFor(predicate as never), TypeError, "'predicate'");
    assertThrows(() => condition.waitForSync(predicate as never), TypeError, "'predicate'");
  }
  const { controller, signal, listeners } = countingSignal();
  const reason = { why: "enough" };
  const waiting = condition.waitFor(() => false, { signal }).then(() => "passed", (error) => error);
  await turn();
  controller.abort(reason);
  assertStrictEquals(await waiting, reason);
  assertEquals([listeners(), condition.locked], [0, true]);
  permit.release();
});
