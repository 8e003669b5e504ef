import { test } from "node:test";
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { now, startTimer, type TimerHost } from "../../src/time/system_clock.ts";

/** The longest delay of a host timer; on every runtime a longer one fires at once. */
const LONGEST = 2 ** 31 - 1;
const DAY = 24 * 60 * 60 * 1_000;

/** A host clock with timers that a test controls. */
class FakeHost implements TimerHost {
  time = 1_000;
  /** The number of timers set. */
  set = 0;
  /** The longest requested delay. */
  longest = 0;
  readonly pending = new Map<number, { due: number; fn: () => void }>();

  now(): number {
    return this.time;
  }

  startTimer(fn: () => void, delay: number): number {
    this.longest = Math.max(this.longest, delay);
    // The hosts treat too long delays in the same way.
    const real = delay > LONGEST ? 1 : Math.max(1, Math.trunc(delay));
    this.pending.set(++this.set, { due: this.time + real, fn });
    return this.set;
  }

  stopTimer(id: unknown): void {
    this.pending.delete(id as number);
  }

  /** Advances the clock; timers fire `early` milliseconds before they are due, as on some hosts. */
  advance(duration: number, early = 0): void {
    const end = this.time + duration;
    for (;;) {
      const next = [...this.pending].sort(([, a], [, b]) => a.due - b.due)[0];
      if (next === undefined || next[1].due - early > end) break;
      this.pending.delete(next[0]);
      this.time = Math.max(this.time, next[1].due - early);
      next[1].fn();
    }
    this.time = end;
  }
}

test("now() never goes back", () => {
  let last = now();
  for (let i = 0; i < 1_000; i++) {
    const time = now();
    assertGreaterOrEqual(time, last);
    last = time;
  }
});

test("startTimer() calls once, after its delay", () => {
  const fake = new FakeHost();
  let calls = 0;
  startTimer(50, () => calls++, {}, fake);
  fake.advance(49);
  assertEquals(calls, 0);
  fake.advance(1);
  assertEquals(calls, 1);
  fake.advance(1_000);
  assertEquals([calls, fake.pending.size], [1, 0]);
});

test("startTimer() is never early even if the host's timers are", () => {
  const fake = new FakeHost();
  const start = fake.time;
  let at = 0;
  startTimer(20.5, () => at = fake.time, {}, fake);
  fake.advance(100, 0.9);
  assertGreaterOrEqual(at - start, 20.5);
});

test("startTimer() supports delays that the host does not", () => {
  for (const delay of [LONGEST, LONGEST + 1, 30 * DAY, 100 * DAY]) {
    const fake = new FakeHost();
    let calls = 0;
    startTimer(delay, () => calls++, {}, fake);
    fake.advance(delay - 1);
    assertEquals(calls, 0, `${delay} ms`);
    fake.advance(1);
    assertEquals([calls, fake.pending.size], [1, 0], `${delay} ms`);
    assert(fake.longest <= LONGEST, `the host was asked to wait ${fake.longest} ms`);
    assert(fake.set <= 1 + Math.ceil(delay / LONGEST), `${fake.set} timers for ${delay} ms`);
  }
});

test("startTimer() of Infinity never calls and sets no timer", () => {
  const fake = new FakeHost();
  const cancel = startTimer(
    Infinity,
    () => {
      throw new Error("called");
    },
    {},
    fake,
  );
  assertEquals(fake.set, 0);
  fake.advance(1_000 * DAY);
  cancel();
});

test("startTimer() of zero calls in a later turn", () => {
  const fake = new FakeHost();
  let calls = 0;
  startTimer(0, () => calls++, {}, fake);
  assertEquals(calls, 0);
  fake.advance(1);
  assertEquals(calls, 1);
});

test("startTimer() returns a function that cancels, in every slice", () => {
  for (const passed of [0, LONGEST + 5, 2 * LONGEST + 5]) {
    const fake = new FakeHost();
    let calls = 0;
    const cancel = startTimer(100 * DAY, () => calls++, {}, fake);
    fake.advance(passed);
    cancel();
    cancel();
    assertEquals(fake.pending.size, 0);
    fake.advance(200 * DAY);
    assertEquals(calls, 0);
  }
});

test("startTimer() returns a function without effect after the call", () => {
  const fake = new FakeHost();
  let calls = 0;
  const cancel = startTimer(1, () => calls++, {}, fake);
  fake.advance(5);
  cancel();
  assertEquals(calls, 1);
});

test("startTimer() runs on the host's own timers", async () => {
  const before = now();
  const unref = startTimer(1e9, () => {}, { unref: true });
  await new Promise<void>((resolve) => startTimer(5, resolve));
  assertGreaterOrEqual(now() - before, 5);
  unref();
});
