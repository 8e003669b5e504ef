// Tests the explicit pauses of a throttle, and its methods idle() and clear().

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { test } from "node:test";
import { CancelledError, RejectedError, Semaphore, Throttle, TimeoutError } from "../../mod.ts";
import { Callers, settle, still } from "./callers.ts";

test("Throttle.pause() of a key holds back only the callers of that key", async () => {
  const { throttle, clock } = still({ limit: 5 });
  const callers = new Callers(throttle);
  throttle.pause("a", 100);
  for (const name of ["a1", "b1", "a2", "b2"]) void callers.call(name, { key: name[0] });
  await settle();
  assertEquals([callers.order, throttle.waiting], [["b1", "b2"], 2]);
  assertEquals([throttle.stats().keys.get("a")!.paused, throttle.stats().keys.get("b")!.paused], [100, 0]);
  clock.advance(99);
  await settle();
  assertEquals([callers.order.length, throttle.stats().keys.get("a")!.paused], [2, 1]);
  clock.advance(1);
  await settle();
  assertEquals(callers.order, ["b1", "b2", "a1", "a2"]);
  assertEquals([throttle.stats().keys.get("a")!.paused, clock.pending], [0, 0]);
});

test("Throttle.pause() without a key holds back all callers until Throttle.resume()", async () => {
  const { throttle, clock } = still({ limit: 5 });
  const callers = new Callers(throttle);
  await callers.call("running", { key: "a" });
  throttle.pause();
  void callers.call("b", { key: "b" });
  await callers.release("running");
  clock.advance(1e9);
  await settle();
  assertEquals([callers.order, throttle.stats().paused], [["running"], Infinity]);
  throttle.resume("b");
  await settle();
  assertEquals(callers.order, ["running"]);
  throttle.resume();
  await settle();
  assertEquals([callers.order, throttle.stats().paused, clock.pending], [["running", "b"], 0, 0]);
});

test("Throttle.pause() applies the latest end of several pauses", () => {
  const { throttle, clock } = still({ limit: 5 });
  const paused = () => throttle.stats().keys.get("a")?.paused ?? 0;
  throttle.pause("a", 100);
  throttle.pause("a", 50);
  assertEquals(paused(), 100);
  clock.advance(20);
  throttle.pause("a", 200);
  assertEquals(paused(), 200);
  throttle.pause("a");
  assertEquals(paused(), Infinity);
  throttle.resume("a");
  assertEquals(paused(), 0);
  throttle.pause("a", 0);
  throttle.pause("b", 10);
  throttle.pause(undefined, 5);
  assertEquals([paused(), throttle.stats().paused], [0, 5]);
  throttle.resume();
  assertEquals([throttle.stats().paused, throttle.stats().keys.size], [0, 0]);
  throttle.resume("unknown");
  for (const duration of [-1, NaN]) assertThrows(() => throttle.pause("a", duration), RangeError, "'duration'");
  assertThrows(() => throttle.pause(1 as never), TypeError, "'key'");
  assertThrows(() => throttle.resume(1 as never), TypeError, "'key'");
});

test("Throttle.pause() keeps the place, the timeout and the queue slot of waiting callers", async () => {
  const { throttle, clock } = still({ limit: 1, queueLimit: 2 });
  const callers = new Callers(throttle);
  throttle.pause("a", 100);
  const late = assertRejects(() => throttle.acquire({ key: "a", timeout: 50 }), TimeoutError);
  void callers.call("second", { key: "a" });
  await assertRejects(() => throttle.acquire({ key: "a" }), RejectedError, "queueLimit is 2");
  await assertRejects(() => throttle.acquire({ key: "a", timeout: 0 }), TimeoutError);
  clock.advance(50);
  await late;
  clock.advance(50);
  await settle();
  assertEquals([callers.order, throttle.waiting], [["second"], 0]);
});

test("Throttle.pause() holds back a caller waiting for a shared semaphore", async () => {
  const semaphore = new Semaphore(1);
  const { throttle, clock } = still({ semaphore } as never);
  const callers = new Callers(throttle);
  const held = await semaphore.acquire();
  void callers.call("a", { key: "a" });
  void callers.call("b", { key: "b" });
  await settle();
  throttle.pause("a", 100);
  held.release();
  await settle();
  assertEquals(callers.order, ["b"]);
  clock.advance(100);
  await callers.release("b");
  assertEquals([callers.order, throttle.active, throttle.waiting], [["b", "a"], 1, 0]);
});

test("Throttle.idle() waits until nothing is active or waiting", async () => {
  const { throttle, clock } = still({ limit: 1 });
  await throttle.idle();
  const callers = new Callers(throttle);
  await callers.call("a");
  void callers.call("b");
  let idle = 0;
  for (let i = 0; i < 2; i++) void throttle.idle().then(() => idle++);
  await assertRejects(() => throttle.idle({ timeout: 0 }), TimeoutError);
  await assertRejects(() => throttle.idle({ signal: AbortSignal.abort(new Error("enough")) }), Error, "enough");
  const late = assertRejects(() => throttle.idle({ timeout: 10 }), TimeoutError);
  clock.advance(10);
  await late;
  await callers.release("a");
  assertEquals(idle, 0);
  await callers.release("b");
  assertEquals(idle, 2);
  await throttle.idle({ timeout: 0 });
});

test("Throttle.clear() rejects all waiting callers, and leaves the throttle open", async () => {
  const { throttle, clock } = still({ limit: 1, perKey: { rate: { limit: 1, interval: 100 } } });
  const held = await throttle.acquire();
  const waits = ["a", "b", "a"].map((key) =>
    assertRejects(() => throttle.acquire({ key, timeout: 9 }), CancelledError)
  );
  const work = assertRejects(() => throttle.run(() => {}), CancelledError);
  throttle.clear();
  await Promise.all([...waits, work]);
  assertEquals([throttle.waiting, throttle.active], [0, 1]);
  const idle = throttle.idle();
  held.release();
  await idle;
  (await throttle.acquire({ key: "a" })).release();
  clock.advance(0);
  assertEquals(clock.pending, 0);
});

test("Throttle.clear() rejects a caller waiting for a shared semaphore", async () => {
  const semaphore = new Semaphore(1), throttle = new Throttle({ semaphore });
  const held = await semaphore.acquire();
  const waits = [1, 2].map(() => assertRejects(() => throttle.acquire(), CancelledError));
  await settle();
  throttle.clear();
  await Promise.all(waits);
  held.release();
  (await throttle.acquire()).release();
  assertEquals([semaphore.available, throttle.active], [1, 0]);
});
