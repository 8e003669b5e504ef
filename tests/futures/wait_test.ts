import { test } from "node:test";
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { callbacksOf, fulfil, Future, markCancelled, reject, whenObserved } from "../../src/futures/future.ts";
import { wait } from "../../src/futures/wait.ts";
import { within } from "../support/poll.ts";
import { LONG, SHORT } from "../support/timing.ts";
import { CountedSignal, printed } from "./fake_source.ts";

/** Creates pending futures. */
function pending(count: number): Future<number>[] {
  return Array.from({ length: count }, () => new Future<number>());
}

/** Futures in each of the four states, by name. */
function inAllStates(): Record<"fine" | "failed" | "cancelled" | "open", Future<number>> {
  const [fine, failed, cancelled, open] = pending(4) as [
    Future<number>,
    Future<number>,
    Future<number>,
    Future<number>,
  ];
  fulfil(fine, 1);
  reject(failed, new Error("x"));
  markCancelled(cancelled);
  return { fine, failed, cancelled, open };
}

test("wait() returns when all are done, however they ended", async () => {
  const { fine, failed, cancelled, open } = inAllStates();
  const waiting = wait([fine, failed, cancelled, open]);
  fulfil(open, 2);
  const { done, notDone } = await within("all futures", waiting);
  assertEquals([[...done], notDone.size], [[fine, failed, cancelled, open], 0]);
});

test("wait() counts a duplicate future once", async () => {
  const { fine, open } = inAllStates();
  const { done, notDone } = await wait([fine, open, fine, open], { timeout: 0 });
  assertEquals([[...done], [...notDone]], [[fine], [open]]);
});

test("wait() returns empty sets without futures", async () => {
  for (const returnWhen of ["all-completed", "first-completed", "first-exception"] as const) {
    const { done, notDone } = await wait([], { returnWhen });
    assertEquals([done.size, notDone.size], [0, 0]);
  }
});

test("wait() for the first completion returns at once if a future is done, or with the first one", async () => {
  const { cancelled, open } = inAllStates();
  const first = await wait([open, cancelled], { returnWhen: "first-completed" });
  assertEquals([[...first.done], [...first.notDone]], [[cancelled], [open]]);
  const [a, b, c] = pending(3) as [Future<number>, Future<number>, Future<number>];
  const waiting = wait([a, b, c], { returnWhen: "first-completed" });
  reject(b, new Error("x"));
  const second = await within("the first future", waiting);
  assertEquals([[...second.done], [...second.notDone]], [[b], [a, c]]);
});

test("wait() for the first exception ignores values and cancelled futures", async () => {
  const [a, b, c, d] = pending(4) as [Future<number>, Future<number>, Future<number>, Future<number>];
  const waiting = wait([a, b, c, d], { returnWhen: "first-exception" });
  fulfil(a, 1);
  markCancelled(b);
  reject(c, undefined);
  const { done, notDone } = await within("the first exception", waiting);
  assertEquals([[...done], [...notDone]], [[a, b, c], [d]]);
  const { failed, open } = inAllStates();
  assertEquals([...(await wait([failed, open], { returnWhen: "first-exception" })).done], [failed]);
});

test("wait() for the first exception returns when all futures are done without one", async () => {
  const [a, b] = pending(2) as [Future<number>, Future<number>];
  const waiting = wait([a, b], { returnWhen: "first-exception" });
  fulfil(b, 1);
  fulfil(a, 1);
  assertEquals((await within("both futures", waiting)).done.size, 2);
});

test("wait() returns the finished futures at its timeout", async () => {
  const { fine, open } = inAllStates();
  for (const timeout of [0, SHORT]) {
    const { done, notDone } = await wait([open, fine], { timeout });
    assertEquals([[...done], [...notDone]], [[fine], [open]]);
  }
});

test("wait() rejects with the reason of its signal and leaves no listener", async () => {
  const { open } = inAllStates();
  const counted = new CountedSignal();
  const waiting = wait([open], { signal: counted.signal, timeout: LONG });
  assertEquals(counted.listeners, 1);
  const reason = new Error("stop");
  counted.controller.abort(reason);
  assertStrictEquals(await waiting.catch((error) => error), reason);
  assertEquals(counted.listeners, 0);
  assertStrictEquals(await wait([open], { signal: counted.signal }).catch((error) => error), reason);
});

test("wait() leaves no callback and no listener, however it ends", async () => {
  const limits = { timeout: LONG };
  for (const end of ["first", "time", "abort"] as const) {
    const futures = pending(3);
    const counted = new CountedSignal();
    const { signal } = counted;
    const waiting = wait(futures, {
      signal,
      ...(end === "time" ? { timeout: SHORT } : limits),
      returnWhen: "first-completed",
    });
    assertEquals([counted.listeners, count(futures)], [1, 3]);
    if (end === "first") fulfil(futures[1]!, 1);
    if (end === "abort") counted.controller.abort();
    await within("the end", waiting.catch(() => {}));
    assertEquals([counted.listeners, count(futures)], [0, 0], end);
  }
});

test("wait() observes only the futures that it returns as done", async () => {
  const { failed, open } = inAllStates();
  const observed: unknown[] = [];
  whenObserved(failed, () => observed.push(failed));
  whenObserved(open, () => observed.push(open));
  await wait([failed, open], { returnWhen: "first-exception" });
  await wait([failed, open], { timeout: 0 });
  assertEquals(observed, [failed]);
  const waiting = wait([open]);
  assertEquals(reject(open, new Error("x")), true);
  assertEquals((await waiting).done, new Set([open]));
});

test("wait() handles 100,000 futures quickly, finished or left early", async () => {
  for (const early of [false, true]) {
    const futures = pending(100_000);
    const waiting = wait(futures, { returnWhen: early ? "first-completed" : "all-completed" });
    const lines = await printed(async () => {
      if (!early) { for (const future of futures) fulfil(future, 1); }
      else fulfil(futures[99_999]!, 1);
      assertEquals((await within("100,000 futures", waiting)).done.size, early ? 1 : 100_000);
    });
    assertEquals(lines, []);
  }
});

test("wait() rejects invalid arguments", async () => {
  await assertRejects(() => wait(5 as never), TypeError, "must be iterable: current value is 5");
  await assertRejects(() => wait([Promise.resolve()] as never), TypeError, "must contain only futures");
  await assertRejects(() => wait([], { returnWhen: "soon" as never }), TypeError, "returnWhen");
  await assertRejects(() => wait([], { timeout: -1 }), RangeError, "timeout");
});

/** Returns the number of callbacks that wait for futures. */
function count(futures: Future<number>[]): number {
  return futures.reduce((sum, future) => sum + callbacksOf(future), 0);
}
