// Tests a throttle in one loop: granted, waiting and rejected calls.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { InvalidStateError, RejectedError, Throttle, TimeoutError } from "../../mod.ts";
import { random } from "../support/random.ts";
import { countingSignal } from "../support/signals.ts";
import { Callers, settle, still } from "./callers.ts";

test("Throttle.run() never runs more functions at once than the limit", async () => {
  const chance = random(1);
  const throttle = new Throttle({ limit: 5 });
  let inside = 0, most = 0;
  await Promise.all(Array.from({ length: 100 }, () =>
    throttle.run(async () => {
      most = Math.max(most, ++inside);
      for (let i = chance() * 20; i > 0; i--) await null;
      inside--;
    })));
  assertEquals([most, throttle.active, throttle.waiting, throttle.stats().done], [5, 0, 0, 100]);
});

test("Throttle.run() returns the function's result, and releases the permit when the function throws", async () => {
  const throttle = new Throttle({ limit: 1 });
  assertEquals(await throttle.run(() => 1), 1);
  assertEquals(await throttle.run(async () => await Promise.resolve(2)), 2);
  const failing = () => {
    throw new Error("broken");
  };
  await assertRejects(() => throttle.run(failing), Error, "broken");
  await assertRejects(() => throttle.run(() => Promise.reject(new Error("late"))), Error, "late");
  const ends = await Promise.allSettled([throttle.run(failing), throttle.run(() => 3)]);
  assertEquals(ends.map(({ status }) => status), ["rejected", "fulfilled"]);
  assertEquals(throttle.active, 0);
});

test("Throttle.run() passes the function the signal of its options", async () => {
  const throttle = new Throttle({ limit: 1 });
  const controller = new AbortController();
  const run = throttle.run((signal) => new Promise((_, reject) => signal.onabort = () => reject(signal.reason)), {
    signal: controller.signal,
  });
  controller.abort(new Error("enough"));
  await assertRejects(() => run, Error, "enough");
  assertEquals(throttle.active, 0);
  await throttle.run((signal) => assert(signal instanceof AbortSignal && !signal.aborted));
  // The call is granted and aborted in the same turn, so it does not start.
  const permit = await throttle.acquire();
  const late = new AbortController();
  let started = false;
  const waits = throttle.run(() => void (started = true), { signal: late.signal });
  permit.release();
  late.abort(new Error("changed my mind"));
  await assertRejects(() => waits, Error, "changed my mind");
  assertEquals([started, throttle.active], [false, 0]);
});

test("Throttle.run() keeps the async context of its caller", async () => {
  const context = new AsyncLocalStorage<number>();
  const throttle = new Throttle({ limit: 1 });
  const seen: (number | undefined)[] = [];
  const visit = async () => {
    seen.push(context.getStore());
    await null;
    seen.push(context.getStore());
  };
  await Promise.all([1, 2, 3].map((caller) => context.run(caller, () => throttle.run(visit))));
  assertEquals(seen, [1, 1, 2, 2, 3, 3]);
});

test("Throttle.wrap() throttles every call and keeps this and arguments", async () => {
  const throttle = new Throttle({ limit: 1 });
  const counter = {
    count: 1,
    add: throttle.wrap(function (this: { count: number }, a: number, b: number): number {
      return this.count += a + b;
    }),
  };
  assertEquals(await Promise.all([counter.add(1, 2), counter.add(3, 4)]), [4, 11]);
  assertThrows(() => throttle.wrap(1 as never), TypeError);
});

test("Throttle.acquire() returns a permit whose release counts once", async () => {
  const throttle = new Throttle({ limit: 2 });
  const permit = await throttle.acquire();
  assertEquals(throttle.active, 1);
  permit.release();
  permit.release();
  permit[Symbol.dispose]();
  assertEquals([throttle.active, throttle.stats().done], [0, 1]);
});

test("Throttle.acquire() rejects weights that can never fit", async () => {
  const { throttle } = still({ limit: 4, perKey: 3 });
  await assertRejects(() => throttle.acquire({ weight: 4 }), RangeError, "from 1 to 3: current value is 4");
  for (const weight of [0, -1, 1.5, NaN, Infinity]) await assertRejects(() => throttle.acquire({ weight }), RangeError);
  await assertRejects(() => throttle.acquire({ weight: "1" as never }), TypeError);
  const permit = await throttle.acquire({ weight: 3, key: "a" });
  const waits = throttle.acquire({ weight: 3, key: "b" });
  const behind = throttle.acquire({ key: "b" });
  throttle.limit = 2;
  permit.release();
  await assertRejects(() => waits, RangeError);
  (await behind).release();
  assertEquals([throttle.active, throttle.waiting], [0, 0]);
});

test("Throttle.limit can be changed while work goes on", async () => {
  const { throttle } = still({ limit: 4 });
  const callers = new Callers(throttle);
  for (let i = 0; i < 12; i++) void callers.call(`${i}`);
  await settle();
  throttle.limit = 2;
  await callers.release("0", "1");
  assertEquals([throttle.active, callers.order.length], [2, 4]);
  await callers.release("2");
  assertEquals([throttle.active, callers.order.length], [2, 5]);
  throttle.limit = 4;
  await settle();
  assertEquals([throttle.active, callers.order.length], [4, 7]);
  for (const limit of [0, -1, NaN, 1.5]) assertThrows(() => throttle.limit = limit, RangeError);
  assertEquals(throttle.limit, 4);
  throttle.close();
});

test("Throttle.acquire() leaves nothing when it times out or is aborted", async () => {
  const { throttle, clock } = still({ limit: 1, timeout: 100 });
  const { controller, signal, listeners } = countingSignal();
  const permit = await throttle.acquire();
  const waits = [
    throttle.acquire(),
    throttle.acquire({ timeout: 50 }),
    throttle.acquire({ signal, timeout: Infinity, key: "other", priority: 3 }),
  ];
  const ends = Promise.allSettled(waits);
  assertEquals([throttle.waiting, listeners()], [3, 1]);
  clock.advance(50);
  assertEquals(throttle.waiting, 2);
  clock.advance(50);
  assertEquals(throttle.waiting, 1);
  controller.abort(new Error("enough"));
  const reasons = (await ends).map((end) => (end as PromiseRejectedResult).reason);
  assertInstanceOf(reasons[0], TimeoutError);
  assertEquals(reasons[0].message, "Cannot acquire a permit within 100 ms");
  assertInstanceOf(reasons[1], TimeoutError);
  assertEquals([reasons[2].message, listeners(), clock.pending], ["enough", 0, 0]);
  await assertRejects(() => throttle.acquire({ timeout: 0 }), TimeoutError);
  await assertRejects(() => throttle.acquire({ signal }), Error, "enough");
  permit.release();
  (await throttle.acquire({ timeout: 0 })).release();
  assertEquals([throttle.active, throttle.waiting], [0, 0]);
});

test("Throttle drops ten thousand calls with one signal", async () => {
  const { throttle } = still({ limit: 1, rate: { limit: 10, interval: 1_000 } });
  const { controller, signal, listeners } = countingSignal();
  const permit = await throttle.acquire();
  const waits = Array.from(
    { length: 10_000 },
    (_, i) => throttle.acquire({ signal, key: `${i % 7}`, priority: i % 3 }),
  );
  const ends = Promise.allSettled(waits);
  assertEquals([throttle.waiting, listeners()], [10_000, 21]);
  controller.abort(new Error("enough"));
  for (const end of await ends) assertEquals((end as PromiseRejectedResult).reason.message, "enough");
  assertEquals([throttle.waiting, listeners()], [0, 0]);
  permit.release();
  assertEquals(throttle.active, 0);
});

test("Throttle.queueLimit rejects calls beyond the queue", async () => {
  const throttle = new Throttle({ limit: 1, queueLimit: 2 });
  const permit = await throttle.acquire({ key: "a" });
  const waits = [throttle.acquire(), throttle.acquire({ key: "b" })];
  await assertRejects(() => throttle.acquire({ key: "b" }), RejectedError, "queueLimit is 2");
  await assertRejects(() => throttle.run(() => 1), RejectedError);
  const { shed, keys } = throttle.stats();
  assertEquals([shed, keys.get("b")!.shed, keys.get("b")!.waiting], [2, 1, 1]);
  permit.release();
  for (const wait of waits) (await wait).release();
  const strict = new Throttle({ limit: 1, queueLimit: 0 });
  const only = await strict.acquire();
  await assertRejects(() => strict.acquire(), RejectedError);
  only.release();
  (await strict.acquire()).release();
  const patient = new Throttle({ limit: 1, queueLimit: 0, overflow: "wait" });
  const first = await patient.acquire();
  const second = patient.acquire();
  first.release();
  (await second).release();
});

test("Throttle.close() lets work finish and rejects all other calls", async () => {
  const throttle = new Throttle({ limit: 1, rate: { limit: 2, interval: 60_000 } });
  let finish = () => {};
  const work = throttle.run(() => new Promise<string>((resolve) => finish = () => resolve("finished")));
  const waits = [throttle.acquire(), throttle.acquire({ key: "a", priority: 4 }), throttle.run(() => 1)];
  const ends = Promise.allSettled(waits);
  throttle.close();
  throttle.close();
  throttle[Symbol.dispose]();
  for (const end of await ends) assertInstanceOf((end as PromiseRejectedResult).reason, RejectedError);
  await assertRejects(() => throttle.acquire(), InvalidStateError);
  await assertRejects(() => throttle.run(() => 1), InvalidStateError);
  finish();
  assertEquals(await work, "finished");
  assertEquals([throttle.active, throttle.waiting], [0, 0]);
});

test("Throttle.stats() counts calls, also by key", async () => {
  const { throttle, clock } = still({ limit: 1 });
  const permit = await throttle.acquire({ key: "a" });
  const waits = throttle.acquire({ key: "b" });
  clock.advance(100);
  permit.release();
  const { limit, active, waiting, done, waitTime, keys } = throttle.stats();
  assertEquals([limit, active, waiting, done, waitTime.count, waitTime.max], [1, 1, 0, 1, 2, 100]);
  assertEquals(keys.get("a"), { active: 0, waiting: 0, done: 1, shed: 0, paused: 0, breaker: "closed" });
  assertEquals(keys.get("b"), { active: 1, waiting: 0, done: 0, shed: 0, paused: 0, breaker: "closed" });
  (await waits).release();
});

test("new Throttle() rejects invalid options", () => {
  for (const limit of [0, -1, NaN, 1.5, -Infinity]) assertThrows(() => new Throttle({ limit }), RangeError);
  assertThrows(() => new Throttle({ limit: 0 }), RangeError, "an integer of at least 1: current value is 0");
  assertThrows(() => new Throttle({}), TypeError);
  assertThrows(() => new Throttle(undefined as never), TypeError);
  assertThrows(() => new Throttle({ limit: "5" as never }), TypeError);
  for (const perKey of [0, NaN]) assertThrows(() => new Throttle({ limit: 1, perKey }), RangeError);
  for (const queueLimit of [-1, NaN]) assertThrows(() => new Throttle({ limit: 1, queueLimit }), RangeError);
  assertThrows(() => new Throttle({ limit: 1, timeout: -1 }), RangeError);
  assertThrows(() => new Throttle({ limit: 1, overflow: "drop" as never }), TypeError);
  assertThrows(() => new Throttle({ limit: 1, semaphore: {} as never }), TypeError);
  for (const rate of [{ limit: 0, interval: 1 }, { limit: 1, interval: 0 }, { limit: 1, interval: 1, burst: 0 }]) {
    assertThrows(() => new Throttle({ rate }), RangeError);
  }
  assertThrows(() => new Throttle({ limit: "auto", bounds: { min: 5, max: 4 } }), RangeError);
});

test("Throttle.acquire() rejects invalid options", async () => {
  const throttle = new Throttle({ limit: 1 });
  await assertRejects(() => throttle.acquire({ key: 1 as never }), TypeError);
  await assertRejects(() => throttle.acquire({ priority: NaN }), RangeError);
  await assertRejects(() => throttle.acquire({ priority: "high" as never }), TypeError);
  await assertRejects(() => throttle.acquire({ timeout: -1 }), RangeError);
  await assertRejects(() => throttle.acquire(null as never), TypeError);
  await assertRejects(() => throttle.run(1 as never), TypeError);
  assertEquals([throttle.active, throttle.waiting], [0, 0]);
});
