import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { InvalidStateError, TimeoutError } from "../../src/core/errors.ts";
import { Timer, useClock } from "../../src/time/timer.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { within } from "../support/poll.ts";
import { countingSignal } from "../support/signals.ts";
import { LONG, SHORT } from "../support/timing.ts";

const YEAR = 365 * 24 * 60 * 60 * 1_000;

/** Starts a timer on a manual clock, and counts its calls. */
function manual(interval: number, fn: () => unknown = () => {}) {
  const clock = new ManualClock(1_000);
  const calls: number[] = [];
  const timer = new Timer(interval, () => {
    calls.push(clock.now() - 1_000);
    return fn();
  });
  useClock(timer, clock);
  return { clock, calls, timer };
}

test("Timer.start() calls the function once, after the interval", () => {
  const { clock, calls, timer } = manual(50);
  assertStrictEquals(timer.start(), timer);
  clock.advance(49);
  assertEquals([calls, timer.finished], [[], false]);
  clock.advance(1);
  assertEquals([calls, timer.finished, clock.pending], [[50], true, 0]);
  clock.advance(LONG);
  assertEquals(calls, [50]);
});

test("Timer counts from its start, not from its creation", () => {
  const { clock, calls, timer } = manual(50);
  clock.advance(100);
  timer.start();
  clock.advance(49);
  assertEquals(calls, []);
  clock.advance(1);
  assertEquals(calls, [150]);
});

test("Timer passes its arguments to the function", () => {
  const clock = new ManualClock();
  const heard: unknown[] = [];
  const timer = new Timer(1, (a: number, b: string) => heard.push(a, b), 7, "b");
  useClock(timer, clock);
  timer.start();
  clock.advance(1);
  assertEquals(heard, [7, "b"]);
});

test("Timer of 0 ms calls in a later turn", () => {
  const { clock, calls, timer } = manual(0);
  timer.start();
  assertEquals(calls, []);
  clock.advance(0);
  assertEquals(calls, [0]);
});

for (const interval of [2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, 100 * YEAR]) {
  test(`Timer keeps an interval of ${interval} ms`, () => {
    const { clock, calls, timer } = manual(interval);
    timer.start();
    clock.advance(interval - 1);
    assertEquals(calls, []);
    clock.advance(1);
    assertEquals(calls, [interval]);
  });
}

test("Timer supports an interval that the host's own timers do not", async () => {
  for (const interval of [2 ** 31, 2 ** 32 + 5, Infinity]) {
    const timer = new Timer(interval, () => {}).start();
    await assertRejects(() => timer.join({ timeout: SHORT }), TimeoutError);
    timer.cancel();
  }
});

test("Timer.start() throws InvalidStateError the second time, at every stage", () => {
  const { clock, calls, timer } = manual(5);
  timer.start();
  const error = assertThrows(() => timer.start(), InvalidStateError);
  assertEquals(error.message, "Cannot start a Timer twice");
  clock.advance(5);
  assertThrows(() => timer.start(), InvalidStateError);
  clock.advance(5);
  assertEquals(calls, [5]);
});

test("Timer.cancel() before the call prevents it", async () => {
  const { clock, calls, timer } = manual(5);
  timer.start();
  timer.cancel();
  timer.cancel();
  assertEquals([timer.finished, clock.pending], [true, 0]);
  await timer.join({ timeout: 0 });
  clock.advance(5);
  assertEquals(calls, []);
});

test("Timer.cancel() before the start prevents the call", async () => {
  const { clock, calls, timer } = manual(5);
  timer.cancel();
  assert(timer.finished);
  await assertRejects(() => timer.join(), InvalidStateError);
  timer.start();
  assertEquals(clock.pending, 0);
  await timer.join();
  assertThrows(() => timer.start(), InvalidStateError);
  clock.advance(5);
  assertEquals(calls, []);
});

test("Timer.cancel() after the call has no effect", async () => {
  const { clock, calls, timer } = manual(5);
  timer.start();
  clock.advance(5);
  timer.cancel();
  await timer.join();
  assertEquals(calls, [5]);
});

test("Timer.cancel() does not end a call in progress", async () => {
  let release = () => {};
  const { clock, timer } = manual(5, () => new Promise<void>((resolve) => release = resolve));
  timer.start();
  clock.advance(5);
  timer.cancel();
  assert(!timer.finished);
  await assertRejects(() => timer.join({ timeout: 0 }), TimeoutError);
  release();
  await timer.join();
  assert(timer.finished);
});

test("Timer[Symbol.dispose]() cancels it", () => {
  const { clock, calls, timer } = manual(5);
  timer.start();
  timer[Symbol.dispose]();
  timer[Symbol.dispose]();
  clock.advance(5);
  assertEquals([calls, timer.finished], [[], true]);
});

test("Timer.join() before the start throws InvalidStateError", async () => {
  const error = await assertRejects(() => new Timer(5, () => {}).join(), InvalidStateError);
  assertEquals(error.message, "Cannot join a Timer that has not been started");
});

test("Timer.join() resolves for all current and later callers when the timer has run", async () => {
  const { clock, timer } = manual(5);
  timer.start();
  const joins = [timer.join(), timer.join({ timeout: LONG }), timer.join({})];
  clock.advance(5);
  assertEquals(await Promise.all(joins), [undefined, undefined, undefined]);
  assertEquals(await timer.join({ timeout: 0 }), undefined);
  assertEquals(clock.pending, 0);
});

test("Timer.join() resolves when the timer is cancelled", async () => {
  const { timer } = manual(5);
  timer.start();
  const join = timer.join();
  timer.cancel();
  await join;
});

test("Timer.join() waits for the promise or thenable that the function returned", async () => {
  for (const wrap of [(work: Promise<void>) => work, ({ then }: Promise<void>) => ({ then })]) {
    let release = () => {};
    const work = new Promise<void>((resolve) => release = resolve);
    const { clock, timer } = manual(5, () => Object.assign(wrap(work), { then: work.then.bind(work) }));
    timer.start();
    clock.advance(5);
    assert(!timer.finished);
    const join = timer.join();
    release();
    await join;
    assert(timer.finished);
  }
});

test("Timer.join() leaves nothing when it times out", async () => {
  const { clock, calls, timer } = manual(50);
  timer.start();
  const { signal, listeners } = countingSignal();
  const join = timer.join({ timeout: 10, signal });
  assertEquals([listeners(), clock.pending], [1, 2]);
  clock.advance(10);
  const error = await assertRejects(() => join, TimeoutError);
  assertEquals(error.message, "Cannot join a Timer within 10 ms");
  assertEquals([listeners(), clock.pending], [0, 1]);
  await assertRejects(() => timer.join({ timeout: 0 }), TimeoutError);
  clock.advance(40);
  assertEquals(calls, [50]);
});

test("Timer.join() rejects with the reason of its signal and does not affect the timer", async () => {
  const { clock, calls, timer } = manual(50);
  timer.start();
  const { controller, signal, listeners } = countingSignal();
  const reason = new Error("enough");
  const join = timer.join({ signal });
  controller.abort(reason);
  assertStrictEquals(await assertRejects(() => join), reason);
  assertStrictEquals(await assertRejects(() => timer.join({ signal })), reason);
  assertEquals(listeners(), 0);
  clock.advance(50);
  assertEquals(calls, [50]);
});

test("Timer.join() checks its options", async () => {
  const { timer } = manual(50);
  timer.start();
  await assertRejects(() => timer.join({ timeout: -1 }), RangeError);
  await assertRejects(() => timer.join({ timeout: NaN }), RangeError);
  await assertRejects(() => timer.join({ timeout: "1" as unknown as number }), TypeError);
  await assertRejects(() => timer.join({ signal: {} as AbortSignal }), TypeError);
  timer.cancel();
});

for (const kind of ["throws", "rejects"]) {
  test(`Timer.join() rejects with the error of a function that ${kind}, for current and later callers`, async () => {
    const failure = new RangeError("broken");
    const { clock, timer } = manual(5, () => {
      if (kind === "rejects") return Promise.reject(failure);
      throw failure;
    });
    timer.start();
    const joins = [timer.join(), timer.join()];
    clock.advance(5);
    for (const join of joins) assertStrictEquals(await assertRejects(() => join), failure);
    assert(timer.finished);
    assertStrictEquals(await assertRejects(() => timer.join({ timeout: 0 })), failure);
    timer.cancel();
    assertStrictEquals(await assertRejects(() => timer.join()), failure);
  });
}

test("Timer.join() from the timer's own function throws InvalidStateError, not a deadlock", async () => {
  const { clock, timer } = manual(5, async () => {
    await Promise.resolve();
    await timer.join();
  });
  timer.start();
  const join = timer.join();
  clock.advance(5);
  const error = await within("the join", assertRejects(() => join, InvalidStateError));
  assertEquals(error.message, "Cannot join a Timer from its own function: each would wait for the other");
});

test("Timer.join() from code that its function started resolves when the timer has finished", async () => {
  let later: Promise<void> | undefined;
  const { clock, timer } = manual(5, () => {
    later = Promise.resolve().then(() => timer.join());
  });
  timer.start();
  clock.advance(5);
  await within("the join", later!);
});

test("new Timer() checks its arguments", () => {
  const make = (interval: unknown, fn: unknown = () => {}) => () => new Timer(interval as number, fn as () => void);
  for (const interval of [-1, NaN, -Infinity]) {
    const error = assertThrows(make(interval), RangeError);
    assertEquals(
      error.message,
      `Cannot make a Timer as 'interval' must be 0 ms or more: current value is ${interval}`,
    );
  }
  for (const interval of ["5", null, undefined, 5n, {}]) assertThrows(make(interval), TypeError);
  for (const fn of [null, "fn", 5, {}]) assertThrows(make(5, fn), TypeError, "Cannot make a Timer as 'fn'");
});

test("Timer runs on the host's own clock", async () => {
  const before = performance.now();
  const timer = new Timer(SHORT, () => performance.now() - before).start();
  await within("the timer", timer.join());
  // Clocks differ by up to a tick.
  assert(performance.now() - before >= SHORT - 1);
});

test("Timers are called in the order in which they are due", async () => {
  const order: string[] = [];
  const timers = ([["c", 30], ["a", 1], ["b", 15]] as const).map(([name, interval]) =>
    new Timer(interval, (text: string) => order.push(text), name).start()
  );
  await within("the timers", Promise.all(timers.map((timer) => timer.join())));
  assertEquals(order, ["a", "b", "c"]);
});
