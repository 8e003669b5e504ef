import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { CancelledError, InvalidStateError, TimeoutError } from "../../src/core/errors.ts";
import {
  callbacksOf,
  fulfil,
  Future,
  markCancelled,
  outcomeOf,
  reject,
  removeDoneCallback,
  reportProgress,
  wasThrown,
  whenDone,
  whenObserved,
} from "../../src/futures/future.ts";
import { LONG } from "../support/timing.ts";
import { FakeSource, microtasks, printed } from "./fake_source.ts";

test("Future is pending, then fulfilled for good", async () => {
  const future = new Future<number>();
  assertEquals([future.done, future.running, future.cancelled], [false, false, false]);
  fulfil(future, 5);
  reject(future, new Error("too late"));
  markCancelled(future);
  fulfil(future, 6);
  assertEquals([future.done, future.cancelled, future.resultNow(), future.exceptionNow()], [true, false, 5, undefined]);
  assertEquals([await future, await future.result(), await future.exception()], [5, 5, undefined]);
});

test("Future rejects with the same value that was thrown", async () => {
  for (const error of [new Error("x"), "text", undefined, null, 0, Object.freeze({})]) {
    const future = new Future<number>();
    reject(future, error);
    assertStrictEquals(await future.exception(), error);
    assertStrictEquals(future.exceptionNow(), error);
    assertStrictEquals(await caught(() => future), error);
    assertStrictEquals(await caught(() => future.result({ timeout: 0 })), error);
    assertStrictEquals(await caught(async () => await future.resultNow()), error);
    assertEquals([future.done, future.cancelled], [true, false]);
  }
});

test("Future that was cancelled rejects every request with CancelledError", async () => {
  const future = new Future<number>();
  markCancelled(future);
  assertEquals([future.done, future.cancelled, future.running], [true, true, false]);
  await assertRejects(() => future, CancelledError);
  await assertRejects(() => future.result(), CancelledError);
  await assertRejects(() => future.exception(), CancelledError);
  assertThrows(() => future.resultNow(), CancelledError);
  assertThrows(() => future.exceptionNow(), CancelledError);
});

test("Future.resultNow() and exceptionNow() throw InvalidStateError before the end", () => {
  const future = new Future<number>();
  assertThrows(() => future.resultNow(), InvalidStateError, "has not ended");
  assertThrows(() => future.exceptionNow(), InvalidStateError, "has not ended");
});

test("Future.running asks the source until the end", () => {
  const source = new FakeSource();
  const future = new Future<number>(source);
  assertEquals(future.running, false);
  source.running = true;
  assertEquals(future.running, true);
  fulfil(future, 1);
  assertEquals(future.running, false);
});

test("Future.cancel() asks the source once, and only before the end", () => {
  const source = new FakeSource();
  const future = new Future<number>(source);
  assertEquals([future.cancel(), source.cancels], [true, 1]);
  markCancelled(future);
  assertEquals([future.cancel(), source.cancels], [true, 1]);
  const done = new Future<number>(source);
  fulfil(done, 1);
  assertEquals([done.cancel(), source.cancels], [false, 1]);
});

test("Future.cancel() does not affect a running task", () => {
  const source = new FakeSource();
  source.running = true;
  assertEquals(new Future<number>(source).cancel(), false);
});

test("Future.cancel() and abort() have no effect without a source", () => {
  const future = new Future<number>();
  assertEquals(future.cancel(), false);
  future.abort();
  assertEquals(future.done, false);
});

test("Future.abort() passes its reason to the source, by default an AbortError", () => {
  const source = new FakeSource();
  const future = new Future<number>(source);
  future.abort("reason");
  future.abort();
  const [first, second] = source.aborts as [string, DOMException];
  assertEquals([first, second.name, second instanceof DOMException], ["reason", "AbortError", true]);
  fulfil(future, 1);
  future.abort();
  assertEquals(source.aborts.length, 2);
});

test("Future.addDoneCallback() calls callbacks in order, with the future", () => {
  const future = new Future<string>();
  const calls: unknown[] = [];
  for (const id of [1, 2, 3]) future.addDoneCallback((done) => calls.push([id, done === future, done.resultNow()]));
  assertEquals(calls, []);
  fulfil(future, "value");
  assertEquals(calls, [[1, true, "value"], [2, true, "value"], [3, true, "value"]]);
});

test("Future.addDoneCallback() calls at once if the future is done", () => {
  const future = new Future<number>();
  fulfil(future, 1);
  let called = false;
  future.addDoneCallback(() => called = true);
  assert(called);
});

test("Future.addDoneCallback() may be called by a callback", () => {
  const future = new Future<number>();
  const calls: string[] = [];
  future.addDoneCallback(() => {
    calls.push("first");
    future.addDoneCallback(() => calls.push("inner"));
  });
  future.addDoneCallback(() => calls.push("second"));
  fulfil(future, 1);
  assertEquals(calls, ["first", "inner", "second"]);
});

test("Future.addDoneCallback() prints an error of a callback, and calls the others", async () => {
  const future = new Future<number>();
  const errors = [new Error("thrown"), new Error("rejected")];
  let called = 0;
  const lines = await printed(async () => {
    future.addDoneCallback(() => {
      throw errors[0];
    });
    future.addDoneCallback((() => Promise.reject(errors[1])) as never);
    future.addDoneCallback(() => called++);
    fulfil(future, 1);
    await microtasks();
  });
  assertEquals([called, lines.length], [1, 2]);
  assertStrictEquals(lines[0], errors[0]);
  assertStrictEquals(lines[1], errors[1]);
});

test("Future.addDoneCallback() and onProgress() reject values that are not functions", () => {
  const future = new Future<number>();
  assertThrows(() => future.addDoneCallback(undefined as never), TypeError);
  assertThrows(() => future.onProgress({} as never), TypeError);
});

test("removeDoneCallback() removes one callback, only while the future is pending", () => {
  const future = new Future<number>();
  const calls: number[] = [];
  const first = () => void calls.push(1), second = () => void calls.push(2);
  whenDone(future, first);
  whenDone(future, second);
  assertEquals(callbacksOf(future), 2);
  removeDoneCallback(future, first);
  removeDoneCallback(future, () => {});
  fulfil(future, 1);
  removeDoneCallback(future, second);
  assertEquals(calls, [2]);
});

test("Future.onProgress() receives all later reports until the end", async () => {
  const future = new Future<number>();
  const heard: unknown[] = [];
  reportProgress(future, "before anybody listens");
  future.onProgress((value) => heard.push(["a", value]));
  reportProgress(future, 1);
  future.onProgress((value) => heard.push(["b", value]));
  reportProgress(future, 2);
  fulfil(future, 0);
  reportProgress(future, "after the end");
  assertEquals(heard, [["a", 1], ["a", 2], ["b", 2]]);
  const failing = new Future<number>();
  failing.onProgress(() => {
    throw new Error("listener");
  });
  failing.onProgress((value) => heard.push(value));
  assertEquals((await printed(() => reportProgress(failing, "on"))).length, 1);
  assertEquals(heard.at(-1), "on");
});

test("Future.then(), catch() and finally() work like those of a promise", async () => {
  const good = new Future<number>(), bad = new Future<number>();
  const both = [
    good.then((value) => value + 1),
    good.finally(() => {}),
    bad.catch((error) => `caught ${error}`),
    bad.then(undefined, (error) => `rejected ${error}`),
  ];
  fulfil(good, 1);
  reject(bad, "E");
  assertEquals(await Promise.all(both), [2, 1, "caught E", "rejected E"]);
  assertEquals(await Promise.allSettled([good, bad]), [
    { status: "fulfilled", value: 1 },
    { status: "rejected", reason: "E" },
  ]);
});

test("Future fulfilled with undefined is done", async () => {
  const future = new Future<undefined>();
  fulfil(future, undefined);
  assertEquals([future.done, await future, future.resultNow()], [true, undefined, undefined]);
});

test("Future without observers creates no promise and no unhandled rejection", async () => {
  const future = new Future<number>();
  assertEquals(reject(future, new Error("unseen")), false);
  // An unhandled rejection would end this test on every runtime.
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(future.done, true);
});

test("reject() returns whether the future was observed", async () => {
  const looks: ((future: Future<number>) => unknown)[] = [
    (future) => future.then(() => {}, () => {}),
    (future) => future.exception(),
    (future) => future.addDoneCallback(() => {}),
    (future) => future.result({ timeout: LONG }).catch(() => {}),
  ];
  for (const look of looks) {
    const future = new Future<number>();
    const seen = look(future);
    assertEquals(reject(future, "E"), true, String(look));
    await seen;
  }
});

test("whenObserved() calls back once, at the first observation", () => {
  const future = new Future<number>();
  reject(future, "E");
  let calls = 0;
  whenObserved(future, () => calls++);
  assertEquals([future.done, future.cancelled, calls], [true, false, 0], "a snapshot is no look");
  assertEquals(future.exceptionNow(), "E");
  assertEquals(future.exceptionNow(), "E");
  assertEquals(calls, 1);
  whenObserved(future, () => calls++);
  future.exceptionNow();
  assertEquals(calls, 1);
});

test("Future.result() and exception() reject at their timeout, and the task goes on", async () => {
  const future = new Future<number>();
  await assertRejects(() => future.result({ timeout: 1 }), TimeoutError, "1 ms");
  await assertRejects(() => future.exception({ timeout: 0 }), TimeoutError);
  fulfil(future, 1);
  assertEquals(await future.result({ timeout: 0 }), 1);
});

test("Future<number> is a Future<unknown>", async () => {
  const future = new Future<number>();
  const general: Future<unknown> = future;
  fulfil(future, 1);
  assertEquals(await general, 1);
});

test("Future prints as a Future", () => {
  assertEquals(String(new Future()), "[object Future]");
});

async function caught(fn: () => PromiseLike<unknown>): Promise<unknown> {
  try {
    await fn();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown");
}

test("whenDone() and outcomeOf() report how a future ended without observing it", () => {
  const future = new Future<number>();
  let told = 0;
  assertEquals(outcomeOf(future), undefined);
  whenDone(future, () => told++);
  assertEquals(reject(future, "x"), false);
  whenDone(future, () => told++);
  let seen = false;
  whenObserved(future, () => seen = true);
  assertEquals([told, outcomeOf(future), seen, wasThrown(future)], [2, { error: "x" }, false, false]);
  future.addDoneCallback(() => {});
  assertEquals([seen, wasThrown(future)], [true, false]);
});

test("wasThrown() is true after an await or a call of result()", async () => {
  for (const ask of [(f: Future<number>) => f.catch(() => {}), (f: Future<number>) => f.result({}).catch(() => {})]) {
    const future = new Future<number>();
    const asked = ask(future);
    reject(future, "x");
    await asked;
    assert(wasThrown(future));
  }
});

test("Future.addDoneCallback() and onProgress() call back in the async context of their registration", async () => {
  const store = new AsyncLocalStorage<string>();
  const future = new Future<number>();
  const seen: unknown[] = [];
  store.run("callback", () => future.addDoneCallback(() => seen.push(store.getStore())));
  store.run("progress", () => future.onProgress(() => seen.push(store.getStore())));
  const awaited = store.run("awaited", async () => {
    await future;
    seen.push(store.getStore());
  });
  store.run("elsewhere", () => {
    reportProgress(future, 1);
    fulfil(future, 1);
  });
  await awaited;
  assertEquals(seen, ["progress", "callback", "awaited"]);
});
