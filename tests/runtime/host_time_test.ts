import { test } from "node:test";
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { hostTime, isFake, isNative } from "../../src/runtime/host_time.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { RUNTIME } from "../support/runtime.ts";

const NAMES = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "queueMicrotask"] as const;

/** Replaces all timers by functions that never call, and the clock by a constant. */
async function withFakes(fn: () => Promise<void>): Promise<void> {
  const originals = Object.fromEntries(NAMES.map((name) => [name, globalThis[name]]));
  const descriptor = Object.getOwnPropertyDescriptor(performance, "now");
  Object.assign(globalThis, Object.fromEntries(NAMES.map((name) => [name, () => {}])));
  performance.now = () => 0;
  try {
    await fn();
  } finally {
    Object.assign(globalThis, originals);
    if (descriptor === undefined) Reflect.deleteProperty(performance, "now");
    else Object.defineProperty(performance, "now", descriptor);
  }
}

for (const [name, time] of [["hostTime", hostTime], ["runtime", runtime]] as const) {
  test(`${name}.startTimer() and now() work under fake timers`, async () => {
    await withFakes(async () => {
      const start = time.now();
      await new Promise<void>((resolve) => time.startTimer(resolve, 10, false));
      // A timer may be a millisecond early.
      assertGreaterOrEqual(time.now() - start, 9);
    });
  });

  test(`${name}.stopTimer() stops earlier timers under fake ones, and the reverse`, async () => {
    const calls: string[] = [];
    const before = time.startTimer(() => calls.push("before"), 1, false);
    let during: ReturnType<typeof time.startTimer>;
    await withFakes(async () => {
      time.stopTimer(before);
      during = time.startTimer(() => calls.push("during"), 1, false);
      await Promise.resolve();
    });
    time.stopTimer(during!);
    await new Promise<void>((resolve) => time.startTimer(resolve, 5, false));
    assertEquals(calls, []);
  });

  test(`${name}.defer() and microtask() work under fake timers, in order`, async () => {
    await withFakes(async () => {
      const calls: string[] = [];
      await new Promise<void>((resolve) => {
        time.defer(() => {
          calls.push("deferred");
          resolve();
        });
        time.microtask(() => calls.push("microtask"));
        calls.push("now");
      });
      assertEquals(calls, ["now", "microtask", "deferred"]);
    });
  });

  test(`${name}.keepAlive() is released under fake timers`, async () => {
    await withFakes(async () => {
      const release = time.keepAlive();
      await Promise.resolve();
      release();
      release();
    });
  });
}

test("isFake() detects the functions of test runners, and missing ones", () => {
  const sinon = Object.assign(() => {}, { clock: {} });
  for (const fake of [sinon, sinon.bind(undefined), undefined]) assertEquals(isFake(fake), true);
  const wrapped = () => setTimeout(() => {}, 0);
  for (const real of [setTimeout, setInterval, setImmediate, wrapped]) {
    assertEquals(isFake(real), false);
  }
});

test("isFake() is false for a native function, even if it is marked", () => {
  const native = Math.hypot;
  Object.assign(native, { clock: true });
  try {
    assertEquals([isNative(native), isFake(native)], [true, false]);
  } finally {
    Reflect.deleteProperty(native, "clock");
  }
});

test("isNative() is true for functions that are not written in JavaScript", () => {
  assert(isNative(Math.max));
  assertEquals(isNative(() => "[native code]"), false);
  assertEquals(isNative(setTimeout), RUNTIME === "bun");
});
