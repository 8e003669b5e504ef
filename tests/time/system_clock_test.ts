import { test } from "node:test";
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { now, startTimer } from "../../src/time/system_clock.ts";

/** What a timer longer than this does on every runtime is fire at once. */
const LONGEST = 2 ** 31 - 1;
const DAY = 24 * 60 * 60 * 1_000;

/** A clock and timers that stand still until they are told to go on; made once per test and removed behind it. */
class FakeTime {
  time = 1_000;
  /** How many timers were set. */
  set = 0;
  /** The longest delay that was asked for. */
  longest = 0;
  readonly pending = new Map<number, { due: number; fn: () => void; delay: number }>();

  install(): () => void {
    const original = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
    const originalNow = performance.now;
    Object.assign(globalThis, {
      setTimeout: (fn: () => void, delay = 0) => {
        this.longest = Math.max(this.longest, delay);
        // As the hosts do it.
        const real = delay > LONGEST ? 1 : Math.max(1, Math.trunc(delay));
        this.pending.set(++this.set, { due: this.time + real, fn, delay });
        return this.set;
      },
      clearTimeout: (id: number) => void this.pending.delete(id),
    });
    performance.now = () => this.time;
    return () => {
      Object.assign(globalThis, original);
      performance.now = originalNow;
    };
  }

  /** Lets time pass; timers fire `early` milliseconds before they are due, as those of some hosts do. */
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

function withFakeTime(fn: (fake: FakeTime) => void): void {
  const fake = new FakeTime();
  const remove = fake.install();
  try {
    fn(fake);
  } finally {
    remove();
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
  withFakeTime((fake) => {
    let calls = 0;
    startTimer(50, () => calls++);
    fake.advance(49);
    assertEquals(calls, 0);
    fake.advance(1);
    assertEquals(calls, 1);
    fake.advance(1_000);
    assertEquals([calls, fake.pending.size], [1, 0]);
  });
});

test("startTimer() is never early, though the host's timers are", () => {
  withFakeTime((fake) => {
    const start = fake.time;
    let at = 0;
    startTimer(20.5, () => at = fake.time);
    fake.advance(100, 0.9);
    assertGreaterOrEqual(at - start, 20.5);
  });
});

test("startTimer() waits for delays that the host cannot", () => {
  for (const delay of [LONGEST, LONGEST + 1, 30 * DAY, 100 * DAY]) {
    withFakeTime((fake) => {
      let calls = 0;
      startTimer(delay, () => calls++);
      fake.advance(delay - 1);
      assertEquals(calls, 0, `${delay} ms`);
      fake.advance(1);
      assertEquals([calls, fake.pending.size], [1, 0], `${delay} ms`);
      assert(fake.longest <= LONGEST, `the host was asked to wait ${fake.longest} ms`);
      assert(fake.set <= 1 + Math.ceil(delay / LONGEST), `${fake.set} timers for ${delay} ms`);
    });
  }
});

test("startTimer() of Infinity never calls and sets no timer", () => {
  withFakeTime((fake) => {
    const cancel = startTimer(Infinity, () => {
      throw new Error("called");
    });
    assertEquals(fake.set, 0);
    fake.advance(1_000 * DAY);
    cancel();
  });
});

test("startTimer() of zero calls later, not at once", () => {
  withFakeTime((fake) => {
    let calls = 0;
    startTimer(0, () => calls++);
    assertEquals(calls, 0);
    fake.advance(1);
    assertEquals(calls, 1);
  });
});

test("startTimer() returns a function that cancels, in every slice", () => {
  for (const passed of [0, LONGEST + 5, 2 * LONGEST + 5]) {
    withFakeTime((fake) => {
      let calls = 0;
      const cancel = startTimer(100 * DAY, () => calls++);
      fake.advance(passed);
      cancel();
      cancel();
      assertEquals(fake.pending.size, 0);
      fake.advance(200 * DAY);
      assertEquals(calls, 0);
    });
  }
});

test("startTimer() cancelled after it has called does nothing", () => {
  withFakeTime((fake) => {
    let calls = 0;
    const cancel = startTimer(1, () => calls++);
    fake.advance(5);
    cancel();
    assertEquals(calls, 1);
  });
});

test("startTimer() runs on the host's own timers", async () => {
  const before = now();
  const unref = startTimer(1e9, () => {}, { unref: true });
  await new Promise<void>((resolve) => startTimer(5, resolve));
  assertGreaterOrEqual(now() - before, 5);
  unref();
});
