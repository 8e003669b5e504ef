import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { chain, relay } from "../../src/futures/chain.ts";
import { fulfil, Future, markCancelled, reject, reportProgress, whenObserved } from "../../src/futures/future.ts";
import { within } from "../support/poll.ts";
import { FakeSource, printed } from "./fake_source.ts";

test("chain() submits with the value, and settles like the submitted future", async () => {
  const first = new Future<number>();
  const second = new Future<string>();
  const taken: number[] = [];
  const chained = chain(first, (value) => {
    taken.push(value);
    return second;
  });
  assertEquals([taken, chained.done], [[], false]);
  fulfil(first, 7);
  assertEquals([taken, chained.done], [[7], false]);
  fulfil(second, "seven");
  assertEquals(await chained, "seven");
});

test("chain() submits at once if the value is available", () => {
  const first = new Future<number>();
  fulfil(first, 1);
  const second = new Future<number>();
  fulfil(second, 2);
  assertEquals(chain(first, () => second).resultNow(), 2);
});

test("chain() rejects with the error of the first future, and submits nothing", async () => {
  const first = new Future<number>();
  const chained = chain(first, () => {
    throw new Error("never called");
  });
  const error = new Error("x");
  reject(first, error);
  assertStrictEquals(await chained.exception(), error);
});

test("chain() rejects with the error of the second future, or of the submission", () => {
  for (const thrown of [undefined, new Error("closed")]) {
    const first = new Future<number>();
    const second = new Future<number>();
    const chained = chain(first, () => {
      if (thrown !== undefined) throw thrown;
      return second;
    });
    fulfil(first, 1);
    reject(second, "text");
    assertStrictEquals(chained.exceptionNow(), thrown ?? "text");
  }
});

test("chain() is cancelled with the first future", () => {
  const first = new Future<number>();
  const chained = chain(first, () => new Future<number>());
  markCancelled(first);
  assert(chained.cancelled);
});

test("chain() passes on the progress of the submitted future", () => {
  const first = new Future<number>();
  const second = new Future<number>();
  const chained = chain(first, () => second);
  const seen: unknown[] = [];
  chained.onProgress((value) => seen.push(value));
  fulfil(first, 1);
  reportProgress(second, "half");
  assertEquals(seen, ["half"]);
});

test("chain() that is aborted or cancelled ends at once, and stops the future that it waits for", () => {
  for (const how of ["abort", "cancel"] as const) {
    const source = new FakeSource();
    const first = new Future<number>(source);
    const chained = chain(first, () => new Future<number>());
    if (how === "abort") chained.abort("reason");
    else assert(chained.cancel());
    assertEquals([chained.done, chained.cancelled], [true, how === "cancel"]);
    assertEquals([source.aborts, source.cancels], how === "abort" ? [["reason"], 0] : [[], 1]);
  }
});

test("chain() that is aborted does not stop a future that another link waits for", () => {
  const source = new FakeSource();
  const first = new Future<number>(source);
  const [one, two] = [chain(first, () => new Future<number>()), chain(first, () => new Future<number>())];
  one.abort("reason");
  assertEquals([one.exceptionNow(), source.aborts, two.done], ["reason", [], false]);
  two.abort("other");
  assertEquals(source.aborts, ["other"]);
});

test("chain() that is aborted or cancelled reaches the running task", () => {
  const source = new FakeSource();
  source.running = true;
  const first = new Future<number>();
  const second = new Future<number>(source);
  const chained = chain(first, () => second);
  assertEquals(chained.running, false);
  fulfil(first, 1);
  assert(chained.running);
  assertEquals(chained.cancel(), false);
  chained.abort("reason");
  assertEquals([source.aborts, source.cancels, chained.done], [["reason"], 1, false]);
  reject(second, "reason");
  assertEquals(chained.exceptionNow(), "reason");
});

test("chain() that was aborted submits nothing when the first future succeeds", () => {
  const first = new Future<number>(new FakeSource());
  let submitted = 0;
  const chained = chain(first, () => {
    submitted++;
    return new Future<number>();
  });
  chained.abort("reason");
  fulfil(first, 1);
  assertEquals([submitted, chained.exceptionNow()], [0, "reason"]);
});

test("chain() marks the failure of the first future as observed with that of the last", () => {
  const first = new Future<number>();
  let last: Future<number> = first;
  for (let i = 0; i < 3; i++) last = chain(last, () => new Future<number>());
  const seenBefore = reject(first, new Error("x"));
  let seen = 0;
  whenObserved(first, () => seen++);
  assertEquals([seenBefore, seen, last.done], [false, 0, true]);
  last.exceptionNow();
  assertEquals(seen, 1);
});

test("chain() of 10,000 links settles without recursion: value, error, abort and cancel", async () => {
  for (const how of ["value", "error", "abort", "cancel"] as const) {
    const source = new FakeSource();
    const first = new Future<number>(source);
    let last: Future<number> = first;
    const next = (value: number) => {
      const future = new Future<number>();
      fulfil(future, value + 1);
      return future;
    };
    for (let i = 0; i < 10_000; i++) last = chain(last, next);
    const lines = await printed(() => {
      if (how === "value") fulfil(first, 0);
      if (how === "error") reject(first, "x");
      if (how === "abort") last.abort("x");
      if (how === "cancel") last.cancel();
    });
    assertEquals(lines, []);
    assert(last.done);
    if (how === "value") assertEquals(await within("the last link", last), 10_000);
    else if (how === "cancel") assertEquals([last.cancelled, source.cancels], [true, 1]);
    else assertEquals([last.exceptionNow(), source.aborts], ["x", how === "abort" ? ["x"] : []]);
  }
});

test("relay() runs functions one after another, not nested", () => {
  const log: string[] = [];
  relay(() => {
    relay(() => log.push("inner"));
    log.push("outer");
  });
  assertEquals(log, ["outer", "inner"]);
});
