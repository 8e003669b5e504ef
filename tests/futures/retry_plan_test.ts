import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { WorkerLostError } from "../../src/core/errors.ts";
import { carryErrors, checkRetry, pauseAfter, wantsRetry } from "../../src/futures/retry_plan.ts";
import { printed } from "./fake_source.ts";

const WHAT = "Cannot submit as 'retry'";

test("checkRetry() fills in the defaults", () => {
  assertEquals(checkRetry(WHAT, {}), {
    maxAttempts: 5,
    minDelay: 1_000,
    maxDelay: 60_000,
    jitter: 1,
    retryIf: undefined,
  });
});

test("pauseAfter() doubles up to the longest pause", () => {
  const plan = checkRetry(WHAT, { minDelay: 10, maxDelay: 45, jitter: 0 });
  assertEquals([1, 2, 3, 4, 5].map((attempt) => pauseAfter(attempt, plan)), [10, 20, 40, 45, 45]);
});

test("pauseAfter() randomizes the share of the pause that jitter sets", () => {
  const plan = checkRetry(WHAT, { minDelay: 100, jitter: 0.25 });
  assertEquals([0, 0.5, 1].map((random) => pauseAfter(2, plan, random)), [200, 175, 150]);
  assertEquals(pauseAfter(2, checkRetry(WHAT, { minDelay: 100 }), 0.999).toFixed(1), "0.2");
});

test("pauseAfter() stays finite after very many attempts", () => {
  assertEquals(pauseAfter(5_000, checkRetry(WHAT, { jitter: 0 })), 60_000);
});

test("wantsRetry() accepts every error except a lost worker, up to the last attempt", () => {
  const plan = checkRetry(WHAT, { maxAttempts: 3 });
  assertEquals([1, 2, 3].map((attempt) => wantsRetry(plan, new Error("x"), attempt)), [true, true, false]);
  assertEquals([wantsRetry(plan, undefined, 1), wantsRetry(plan, new WorkerLostError("x"), 1)], [true, false]);
});

test("wantsRetry() prints an error of retryIf, and returns false", async () => {
  const mistake = new Error("mistake");
  const plan = checkRetry(WHAT, {
    retryIf: () => {
      throw mistake;
    },
  });
  const lines = await printed(() => assertEquals(wantsRetry(plan, new Error("x"), 1), false));
  assertStrictEquals(lines[0], mistake);
});

test("carryErrors() adds the earlier errors, except to values that cannot carry any", () => {
  const error = new Error("last") as Error & { errors: unknown[] };
  carryErrors(error, [1, "two"]);
  assertEquals(error.errors, [1, "two"]);
  const alone = new Error("alone");
  carryErrors(alone, []);
  assert(!("errors" in alone));
  for (const odd of ["text", null, undefined, Object.freeze(new Error("frozen"))]) carryErrors(odd, [1]);
});

test("carryErrors() keeps the errors of an AggregateError, and appends the earlier ones to its causes", () => {
  const own = [new Error("part")];
  const cause = new Error("cause");
  const error = new AggregateError(own, "all failed", { cause });
  carryErrors(error, [1, 2]);
  assertEquals(error.errors, own);
  assertStrictEquals(error.cause, cause);
  assertEquals((cause.cause as AggregateError).errors, [1, 2]);
});
