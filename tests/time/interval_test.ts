import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { InvalidStateError, TimeoutError } from "../../src/core/errors.ts";
import { Interval, useClock } from "../../src/time/interval.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { until, within } from "../support/poll.ts";
import { countingSignal } from "../support/signals.ts";
import { LONG } from "../support/timing.ts";

const START = 1_000;

/** Starts an interval on a manual clock, and records its calls. */
function manual(period: number, fn: (call: number, clock: ManualClock, interval: Interval) => unknown = () => {}) {
  const clock = new ManualClock(START);
  const calls: number[] = [];
  const interval: Interval = new Interval(period, () => {
    calls.push(clock.now() - START);
    return fn(calls.length, clock, interval);
  });
  useClock(interval, clock);
  return { clock, calls, interval: interval.start() };
}

test("Interval calls repeatedly, first after one interval", () => {
  const { clock, calls, interval } = manual(10);
  clock.advance(9);
  assertEquals(calls, []);
  clock.advance(26);
  assertEquals([calls, interval.finished], [[10, 20, 30], false]);
  interval.cancel();
});

test("Interval passes its arguments to each call", () => {
  const clock = new ManualClock();
  const heard: unknown[] = [];
  const interval = new Interval(1, (a: number, b: string) => heard.push(a, b), 7, "b");
  useClock(interval, clock);
  assertStrictEquals(interval.start(), interval);
  clock.advance(2);
  interval.cancel();
  assertEquals(heard, [7, "b", 7, "b"]);
});

test("Interval does not drift even if every call is late and takes time", () => {
  const { clock, calls, interval } = manual(10, (_, clock) => clock.block(2));
  for (let turn = 1; turn <= 1_000; turn++) {
    clock.block(START + 10 * turn - clock.now() + 3);
    clock.advance(0);
  }
  assertEquals(calls, Array.from({ length: 1_000 }, (_, index) => 10 * (index + 1) + 3));
  interval.cancel();
});

test("Interval of a fraction makes each call once, without accumulating rounding errors", () => {
  const { clock, calls, interval } = manual(0.1);
  clock.advance(1_000);
  assert(Math.abs(calls.length - 10_000) <= 1, `${calls.length} calls`);
  for (const [index, call] of calls.entries()) {
    assert(Math.abs(call - (index + 1) * 0.1) < 1e-9, `call ${index} at ${call}`);
  }
  interval.cancel();
});

test("Interval skips the calls it missed while the loop was blocked", () => {
  const { clock, calls, interval } = manual(10);
  clock.advance(10);
  clock.block(35);
  clock.advance(0);
  assertEquals(calls, [10, 45]);
  clock.advance(20);
  assertEquals(calls, [10, 45, 50, 60]);
  // The call that is due when the loop is free again is the late one.
  clock.block(30);
  clock.advance(15);
  assertEquals(calls, [10, 45, 50, 60, 95, 100, 110]);
  interval.cancel();
});

test("Interval does not begin a call while another is in progress", async () => {
  let release = () => {};
  const { clock, calls, interval } = manual(10, () => new Promise<void>((resolve) => release = resolve));
  clock.advance(45);
  assertEquals([calls, clock.pending], [[10], 0]);
  release();
  await until("the next call is planned", () => clock.pending === 1);
  clock.advance(4);
  assertEquals(calls, [10]);
  clock.advance(1);
  assertEquals(calls, [10, 50]);
  interval.cancel();
  release();
  await interval.join();
});

test("Interval.cancel() ends the interval for good", async () => {
  const { clock, calls, interval } = manual(10);
  clock.advance(10);
  const join = interval.join();
  interval.cancel();
  interval.cancel();
  assertEquals([interval.finished, clock.pending], [true, 0]);
  await join;
  await interval.join({ timeout: 0 });
  clock.advance(LONG);
  assertEquals(calls, [10]);
});

test("Interval.cancel() from its own function makes this call the last", async () => {
  const { clock, calls, interval } = manual(10, (call, _, interval) => call === 3 && interval.cancel());
  clock.advance(LONG);
  assertEquals([calls, interval.finished], [[10, 20, 30], true]);
  await interval.join();
});

test("Interval.cancel() lets a call in progress end, and join() waits for it", async () => {
  let release = () => {};
  const { clock, interval } = manual(10, () => new Promise<void>((resolve) => release = resolve));
  clock.advance(10);
  interval.cancel();
  assert(!interval.finished);
  const join = interval.join();
  await assertRejects(() => interval.join({ timeout: 0 }), TimeoutError);
  release();
  await join;
  assertEquals([interval.finished, clock.pending], [true, 0]);
});

test("Interval.cancel() before the start prevents all calls", async () => {
  const clock = new ManualClock();
  let calls = 0;
  const interval = new Interval(10, () => calls++);
  useClock(interval, clock);
  interval.cancel();
  interval.start();
  clock.advance(100);
  await interval.join();
  assertEquals([calls, interval.finished], [0, true]);
});

test("Interval[Symbol.dispose]() cancels it", () => {
  const { clock, calls, interval } = manual(10);
  interval[Symbol.dispose]();
  interval[Symbol.dispose]();
  clock.advance(100);
  assertEquals([calls, interval.finished], [[], true]);
});

test("Interval.start() throws InvalidStateError the second time", () => {
  const { interval } = manual(10);
  assertThrows(() => interval.start(), InvalidStateError, "Cannot start an Interval twice");
  interval.cancel();
  assertThrows(() => interval.start(), InvalidStateError);
});

test("Interval.join() before the start throws InvalidStateError", async () => {
  await assertRejects(() => new Interval(5, () => {}).join(), InvalidStateError);
});

for (const kind of ["throws", "rejects"]) {
  test(`Interval is stopped by a function that ${kind}, and join() rejects with the error`, async () => {
    const failure = new RangeError("broken");
    const { clock, calls, interval } = manual(10, (call) => {
      if (call < 3) return;
      if (kind === "rejects") return Promise.reject(failure);
      throw failure;
    });
    const joins = [interval.join(), interval.join()];
    clock.advance(LONG);
    for (const join of joins) assertStrictEquals(await assertRejects(() => join), failure);
    assertEquals([calls, interval.finished, clock.pending], [[10, 20, 30], true, 0]);
    assertStrictEquals(await assertRejects(() => interval.join()), failure);
  });
}

test("Interval.join() rejects with the error of a call that ends after cancel()", async () => {
  const failure = new Error("late");
  let fail = (_: unknown) => {};
  const { clock, interval } = manual(10, () => new Promise<void>((_, reject) => fail = reject));
  clock.advance(10);
  interval.cancel();
  const join = interval.join();
  fail(failure);
  assertStrictEquals(await assertRejects(() => join), failure);
});

test("Interval.join() leaves nothing when it ends early", async () => {
  const { clock, interval } = manual(10);
  const { controller, signal, listeners } = countingSignal();
  const late = interval.join({ timeout: 5, signal });
  const aborted = interval.join({ timeout: 50, signal });
  assertEquals([listeners(), clock.pending], [1, 3]);
  clock.advance(5);
  await assertRejects(() => late, TimeoutError, "Cannot join an Interval within 5 ms");
  controller.abort("enough");
  assertEquals(await assertRejects(() => aborted), "enough");
  assertEquals([listeners(), clock.pending, interval.finished], [0, 1, false]);
  interval.cancel();
});

test("Interval.join() from its own function throws InvalidStateError, not a deadlock", async () => {
  const { clock, interval } = manual(10, async (_, __, interval) => {
    interval.cancel();
    await interval.join();
  });
  const join = interval.join();
  clock.advance(10);
  await within("the join", assertRejects(() => join, InvalidStateError));
});

test("Interval.join() from code that its function started works once the call has ended", async () => {
  let later: Promise<unknown> | undefined;
  let join = () => {};
  const { clock, interval } = manual(10, (_, __, interval) => {
    later = new Promise<void>((resolve) => join = resolve).then(() => interval.join());
  });
  clock.advance(10);
  join();
  await Promise.resolve();
  interval.cancel();
  await within("the join", later!);
});

test("new Interval() checks its arguments", () => {
  const make = (interval: unknown, fn: unknown = () => {}) => () => new Interval(interval as number, fn as () => void);
  for (const interval of [0, -0, -1, NaN]) assertThrows(make(interval), RangeError, "'interval'");
  assertEquals(
    assertThrows(make(0), RangeError).message,
    "Cannot make an Interval as 'interval' must be more than 0 ms: current value is 0",
  );
  for (const interval of ["5", null, undefined, 5n]) assertThrows(make(interval), TypeError);
  for (const fn of [null, "fn", 5, {}]) assertThrows(make(5, fn), TypeError, "Cannot make an Interval as 'fn'");
});

test("Interval runs on the host's own clock, never early", async () => {
  const period = 5;
  const start = performance.now();
  const times: number[] = [];
  const interval = new Interval(period, () => {
    if (times.push(performance.now() - start) === 5) interval.cancel();
  }).start();
  await within("five calls", interval.join());
  for (const [index, time] of times.entries()) {
    // Clocks differ by up to a tick.
    assert(time >= (index + 1) * period - 1, `call ${index + 1} after ${time} ms`);
  }
});
