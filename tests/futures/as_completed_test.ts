import { test } from "node:test";
import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { InvalidStateError, TimeoutError } from "../../src/core/errors.ts";
import { asCompleted, type CompletedFutures } from "../../src/futures/as_completed.ts";
import { callbacksOf, fulfil, Future, markCancelled, reject, whenObserved } from "../../src/futures/future.ts";
import { within } from "../support/poll.ts";
import { LONG, SHORT } from "../support/timing.ts";
import { CountedSignal, microtasks } from "./fake_source.ts";

function pending(count: number): Future<number>[] {
  return Array.from({ length: count }, () => new Future<number>());
}

/** Collects all futures of an iteration, as indexes in a list. */
async function nestedWaitsOf(futures: Future<number>[], items: CompletedFutures<Future<number>>): Promise<number[]> {
  const places: number[] = [];
  for await (const future of items) places.push(futures.indexOf(future));
  return places;
}

test("asCompleted() yields finished futures first, then the others as they end, each once", async () => {
  const futures = pending(5);
  fulfil(futures[3]!, 1);
  markCancelled(futures[1]!);
  const places = nestedWaitsOf(futures, asCompleted([...futures, ...futures]));
  reject(futures[4]!, new Error("x"));
  await microtasks();
  fulfil(futures[0]!, 1);
  fulfil(futures[2]!, 1);
  assertEquals(await within("all futures", places), [1, 3, 4, 0, 2]);
});

test("asCompleted() ends at once without futures", async () => {
  assertEquals(await nestedWaitsOf([], asCompleted([])), []);
});

test("asCompleted() yields finished futures, and counts the unfinished ones at its timeout", async () => {
  for (const timeout of [0, SHORT]) {
    const futures = pending(4);
    fulfil(futures[2]!, 1);
    const places: number[] = [];
    const error = await assertRejects(async () => {
      for await (const future of asCompleted(futures, { timeout })) places.push(futures.indexOf(future));
    }, TimeoutError);
    assertEquals(places, [2]);
    assertEquals(
      error.message,
      `Cannot wait longer for 3 (of 4) futures unfinished: their time limit is ${timeout} ms`,
    );
  }
});

test("asCompleted() ignores its timeout once all futures are done", async () => {
  const futures = pending(2);
  for (const future of futures) fulfil(future, 1);
  assertEquals(await nestedWaitsOf(futures, asCompleted(futures, { timeout: 0 })), [0, 1]);
});

test("asCompleted() throws the reason of its signal and leaves no listener", async () => {
  const futures = pending(2);
  const counted = new CountedSignal();
  const places = nestedWaitsOf(futures, asCompleted(futures, { signal: counted.signal, timeout: LONG }));
  assertEquals(counted.listeners, 1);
  const reason = new Error("stop");
  counted.controller.abort(reason);
  assertStrictEquals(await places.catch((error) => error), reason);
  assertEquals(counted.listeners, 0);
  const late = nestedWaitsOf(futures, asCompleted(futures, { signal: counted.signal }));
  assertStrictEquals(await late.catch((error) => error), reason);
});

test("asCompleted() leaves no callback and no listener when its loop is left", async () => {
  const futures = pending(3);
  const counted = new CountedSignal();
  fulfil(futures[1]!, 1);
  for await (const future of asCompleted(futures, { signal: counted.signal, timeout: LONG })) {
    assertStrictEquals(future, futures[1]);
    assertEquals([counted.listeners, count(futures)], [1, 2]);
    break;
  }
  assertEquals([counted.listeners, count(futures)], [0, 0]);
});

test("asCompleted() removes its listeners when the last future ends, even before that is consumed", async () => {
  const futures = pending(2);
  const counted = new CountedSignal();
  const iterator = asCompleted(futures, { signal: counted.signal, timeout: LONG })[Symbol.asyncIterator]();
  for (const future of futures) fulfil(future, 1);
  assertEquals(counted.listeners, 0);
  counted.controller.abort();
  assertStrictEquals((await iterator.next()).value, futures[0]);
  assertStrictEquals((await iterator.next()).value, futures[1]);
  assertEquals((await iterator.next()).done, true);
});

test("asCompleted() serves concurrent calls of next()", async () => {
  const futures = pending(2);
  const iterator = asCompleted(futures)[Symbol.asyncIterator]();
  const asked = [iterator.next(), iterator.next(), iterator.next()];
  fulfil(futures[1]!, 1);
  fulfil(futures[0]!, 1);
  const answers = await within("three answers", Promise.all(asked));
  assertEquals(answers.map((answer) => answer.done), [false, false, true]);
});

test("asCompleted() observes the futures that have ended", async () => {
  const [failed, later, never] = pending(3) as [Future<number>, Future<number>, Future<number>];
  let observed = 0;
  reject(failed, new Error("x"));
  for (const future of [failed, never]) whenObserved(future, () => observed++);
  const handedOut: unknown[] = [];
  for await (const future of asCompleted([failed, later, never])) {
    handedOut.push(future);
    if (handedOut.length === 2) break;
    assertEquals(reject(later, new Error("y")), true);
  }
  assertEquals(handedOut, [failed, later]);
  assertEquals(observed, 1);
});

test("asCompleted() iterates over 100,000 futures quickly, and quickly leaves them", async () => {
  const futures = pending(100_000);
  const sum = (async () => {
    let sum = 0;
    for await (const future of asCompleted(futures)) sum += future.resultNow();
    return sum;
  })();
  for (const future of futures) fulfil(future, 1);
  assertEquals(await within("100,000 futures", sum), 100_000);
  const others = pending(100_000);
  fulfil(others[5]!, 1);
  for await (const _ of asCompleted(others)) break;
  assertEquals(count(others), 0);
});

test("asCompleted() can be iterated once, and rejects values that are not futures", () => {
  const items = asCompleted(pending(1));
  items[Symbol.asyncIterator]();
  assertThrows(() => items[Symbol.asyncIterator](), InvalidStateError, "twice");
  assertThrows(() => asCompleted([1] as never), TypeError, "must contain only futures: current value is 1");
  assertThrows(() => asCompleted([], { timeout: NaN }), RangeError, "timeout");
});

/** Returns the number of callbacks that wait for futures. */
function count(futures: Future<number>[]): number {
  return futures.reduce((sum, future) => sum + callbacksOf(future), 0);
}
