import { test } from "node:test";
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { TimeoutError } from "../../src/core/errors.ts";
import { fulfil, Future, reject, within } from "../../src/futures/future.ts";
import { LONG } from "../support/timing.ts";
import { CountedSignal, microtasks } from "./fake_source.ts";

test("within() waits until the future is done, whatever its outcome", async () => {
  const future = new Future<number>();
  let ended = false;
  const wait = within(future, {}).then(() => ended = true);
  await microtasks();
  assertEquals(ended, false);
  reject(future, new Error("of the task"));
  await wait;
});

test("within() with a timeout of 0 never waits", async () => {
  const future = new Future<number>();
  await assertRejects(() => within(future, { timeout: 0 }), TimeoutError, "0 ms");
  fulfil(future, 1);
  await within(future, { timeout: 0 });
});

test("within() ends at its timeout", async () => {
  await assertRejects(() => within(new Future<number>(), { timeout: 2 }), TimeoutError, "2 ms");
});

test("within() rejects with the signal's reason", async () => {
  const future = new Future<number>();
  for (const reason of [new Error("mine"), "text", null]) {
    const { controller, signal } = new CountedSignal();
    const wait = within(future, { signal, timeout: LONG }).catch((error: unknown) => error);
    controller.abort(reason);
    assertStrictEquals(await wait, reason);
    assertStrictEquals(await within(future, { signal }).catch((error: unknown) => error), reason);
  }
});

test("within() leaves no listener on the signal, however it ends", async () => {
  const ends: ((future: Future<number>, signal: CountedSignal) => unknown)[] = [
    (future) => fulfil(future, 1),
    (future) => reject(future, "E"),
    (_future, { controller }) => controller.abort(),
    () => {},
  ];
  for (const end of ends) {
    const future = new Future<number>();
    const counted = new CountedSignal();
    const wait = within(future, { signal: counted.signal, timeout: end.length === 0 ? 1 : LONG }).catch(() => {});
    await microtasks();
    assertEquals(counted.listeners, end.length === 0 ? counted.listeners : 1);
    end(future, counted);
    await wait;
    assertEquals(counted.listeners, 0);
  }
});

test("within() leaves no callback on the future when it ends early", async () => {
  const future = new Future<number>();
  const counted = new CountedSignal();
  const wait = within(future, { signal: counted.signal }).catch(() => {});
  await microtasks();
  counted.controller.abort();
  await wait;
  const before = counted.removals;
  // A callback that remained would remove its listener a second time.
  fulfil(future, 1);
  assertEquals(counted.removals, before);
});

test("within() prefers the outcome to an aborted signal and an expired timeout", async () => {
  const future = new Future<number>();
  fulfil(future, 1);
  await within(future, { signal: AbortSignal.abort(), timeout: 0 });
});

test("within() rejects invalid options, and never throws", async () => {
  const future = new Future<number>();
  await assertRejects(() => within(future, { timeout: -1 }), RangeError);
  await assertRejects(() => within(future, { timeout: NaN }), RangeError);
  await assertRejects(() => within(future, { timeout: "1" as never }), TypeError);
  await assertRejects(() => within(future, { signal: {} as never }), TypeError);
  await assertRejects(() => within(future, null as never), TypeError);
});

test("within() applies separate limits to several waits for one future", async () => {
  const future = new Future<number>();
  const { controller, signal } = new CountedSignal();
  const short = within(future, { timeout: 1 }).catch((error: Error) => error.name);
  const aborted = within(future, { signal }).catch((error: unknown) => error);
  const patient = within(future, { timeout: LONG }).then(() => "done");
  controller.abort("stop");
  assertEquals([await short, await aborted], ["TimeoutError", "stop"]);
  fulfil(future, 1);
  assertEquals(await patient, "done");
});
