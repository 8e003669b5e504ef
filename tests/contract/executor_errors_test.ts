// Tests that the errors of tasks arrive with their class, properties and causes.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { type Executor, type Future, registerError, RemoteError } from "../../mod.ts";
import { returnErrors, throwLater, throwNow } from "../fixtures/failing_tasks.ts";
import { add, QuotaError } from "../fixtures/tasks.ts";
import { ALL, type Stage, testEach } from "../support/executors.ts";

/** Fails in a worker, once with a task that throws and once with a task that rejects. */
async function thrown({ shared }: Stage, what: string, look: (error: unknown) => void): Promise<void> {
  const pool: Executor = shared();
  const { failed } = pool.stats();
  for (const task of [throwNow, throwLater]) {
    const future = pool.submit(task as typeof throwNow, what);
    look(await future.exception());
    assert(future.done);
    assertFalse(future.cancelled);
  }
  assertEquals(await pool.submit(add, 1, 1), 2);
  assertEquals(pool.stats().failed, failed + 2);
}

const BUILT_IN = [TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError];

testEach(ALL, "rejects with an error of the same built-in class", async ({ shared }) => {
  const pool = shared();
  for (const errorClass of [Error, ...BUILT_IN]) {
    const error = await pool.submit(throwNow, errorClass.name).exception() as Error;
    assertStrictEquals(Object.getPrototypeOf(error), errorClass.prototype);
    assertEquals(error.name, errorClass.name);
    assert(error.message !== "");
    assertEquals(Object.keys(error), []);
  }
});

testEach(ALL, "rejects with a DOMException of the same name", (stage) =>
  thrown(stage, "DOMException", (error) => {
    assertInstanceOf(error, DOMException);
    assertEquals([error.name, error.message], ["NotAllowedError", "not now"]);
  }));

testEach(ALL, "rejects with a RemoteError for an unregistered class", (stage) =>
  thrown(stage, "unknown", (error) => {
    assertInstanceOf(error, RemoteError);
    assertEquals([error.name, error.message], ["UnknownError", "of its own"]);
    const { code, details } = error as unknown as { code: string; details: unknown };
    assertEquals([code, details], ["E_UNKNOWN", { retry: true }]);
  }));

testEach(ALL, "rejects with an instance of a registered class", (stage) =>
  thrown(stage, "registered", (error) => {
    assertInstanceOf(error, QuotaError);
    assertEquals([error.name, error.message, error.left], ["QuotaError", "used up", 3]);
  }));

testEach(ALL, "keeps the own properties of an error", (stage) =>
  thrown(stage, "properties", (error) => {
    assertInstanceOf(error, Error);
    const { code, status, list } = error as unknown as Record<string, unknown>;
    assertEquals([code, status, list], ["E_MORE", 404, [1, { deep: true }]]);
  }));

testEach(
  ALL,
  "omits a property of an error that cannot be cloned",
  (stage) =>
    thrown(stage, "a property that cannot travel", (error) => {
      assertInstanceOf(error, Error);
      assertEquals(error.message, "with more");
      assertEquals(Object.entries(error), [["code", "E_MORE"]]);
    }),
);

testEach(
  ALL,
  "rejects with an error whose getter throws",
  (stage) =>
    thrown(stage, "a getter that throws", (error) => {
      assertInstanceOf(error, Error);
      assertEquals(error.message, "with a getter");
    }),
);

testEach(ALL, "keeps a name that was assigned to an error", (stage) =>
  thrown(stage, "renamed", (error) => {
    assertInstanceOf(error, Error);
    assertEquals([error.name, error.message], ["CustomName", "renamed"]);
  }));

testEach(ALL, "keeps the whole chain of causes", (stage) =>
  thrown(stage, "cause", (error) => {
    assertInstanceOf(error, TypeError);
    const middle = error.cause as Error;
    assertEquals(middle.message, "middle");
    assertInstanceOf(middle.cause, RangeError);
    assertEquals([middle.cause.message, (middle.cause as { code?: string }).code], ["root", "E_ROOT"]);
    assertEquals(Object.keys(error), []);
  }));

testEach(ALL, "keeps causes that are not errors, and cyclic causes", async ({ shared }) => {
  const pool = shared();
  const error = await pool.submit(throwNow, "a cause that is no error").exception() as Error;
  assertEquals(error.cause, { why: "because" });
  const round = await pool.submit(throwNow, "itself as cause").exception() as Error;
  assertStrictEquals(round.cause, round);
});

testEach(ALL, "keeps the errors of an AggregateError", (stage) =>
  thrown(stage, "aggregate", (error) => {
    assertInstanceOf(error, AggregateError);
    assertEquals(error.message, "many");
    const [first, second, third] = error.errors;
    assertInstanceOf(first, TypeError);
    assertInstanceOf(second, RangeError);
    assertEquals(third, "third");
  }));

testEach(ALL, "rejects with thrown values that are not errors", async ({ shared }) => {
  const pool = shared();
  for (
    const [what, expected] of [
      ["undefined", undefined],
      ["null", null],
      ["string", "a text"],
      ["number", 42],
      ["object", { reason: "an object" }],
      ["frozen object", { reason: "frozen" }],
    ]
  ) {
    let caught: unknown = "nothing";
    await pool.submit(throwNow, what as string).catch((error) => caught = error);
    assertEquals(caught, expected);
  }
});

testEach(ALL, "rejects with a frozen error", (stage) =>
  thrown(stage, "frozen", (error) => {
    assertInstanceOf(error, Error);
    assertEquals(error.message, "frozen");
  }));

testEach(ALL, "describes a thrown value that cannot be cloned", async ({ shared }) => {
  const pool = shared();
  for (const [what, shown] of [["function", "function thrown"], ["symbol", "Symbol(thrown)"]] as const) {
    const error = await pool.submit(throwNow, what).exception();
    assertInstanceOf(error, RemoteError);
    assertStringIncludes(error.message, shown);
  }
});

testEach(ALL, "lists the frames of the task and then those of the caller", async ({ shared }) => {
  const pool = shared();
  for (const executor of [pool, pool.with({ priority: 1 })]) {
    const { stack } = await submitFromHere(executor).exception() as Error;
    const remote = stack!.indexOf("throwNow");
    const here = stack!.indexOf("submitFromHere");
    assert(remote !== -1 && here > remote, stack);
    assertStringIncludes(stack!, "TypeError: of type");
  }
});

testEach(ALL, "returns errors inside values as errors", async ({ shared }) => {
  const { list, map } = await shared().submit(returnErrors, "registered");
  for (const error of [list[0], map.get("error")]) {
    assertInstanceOf(error, QuotaError);
    assertEquals(error.left, 3);
  }
});

testEach(ALL, "rejects the promise of a failed future for every caller", async ({ shared }) => {
  const future = shared().submit(throwNow, "TypeError");
  await assertRejects(() => future, TypeError, "of type");
  await assertRejects(() => future.result(), TypeError, "of type");
  assertThrows(() => future.resultNow(), TypeError, "of type");
  assertInstanceOf(future.exceptionNow(), TypeError);
  assertEquals(await future.catch(() => "caught"), "caught");
});

testEach(ALL, "gives each of several failed tasks a separate error", async ({ shared }) => {
  const pool = shared();
  const errors = await Promise.all([1, 2, 3].map(() => pool.submit(throwNow, "Error").exception()));
  assertEquals(new Set(errors).size, 3);
});

testEach(ALL, "makes registerError() reject values that are not error classes", () => {
  for (const value of [undefined, {}, () => {}, class {}, Error.prototype]) {
    assertThrows(() => registerError(value as never), TypeError);
  }
});

function submitFromHere(pool: Executor): Future<never> {
  const future = pool.submit(throwNow, "TypeError");
  // On Bun a tail call would leave no frame of this function.
  assertFalse(future.done);
  return future;
}
