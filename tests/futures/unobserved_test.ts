// Tests that an unobserved failure is announced or printed once, at the right time.

import { test } from "node:test";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { Future, reject } from "../../src/futures/future.ts";
import {
  expectObserver,
  rejectAlone,
  type UnobservedFailure,
  UnobservedFailures,
} from "../../src/futures/unobserved.ts";
import { reportUnobserved } from "../../src/futures/pending_failures.ts";
import { runtime } from "../../src/runtime/mod.ts";

const nextTurn = () => new Promise<void>((resolve) => runtime.defer(resolve));

/** Creates the failures of an owner with or without a listener, and the list of announced ones. */
function owned(listens = true): { failures: UnobservedFailures; announced: UnobservedFailure[] } {
  const announced: UnobservedFailure[] = [];
  const failures = new UnobservedFailures((failure) => listens && announced.push(failure) > 0);
  return { failures, announced };
}

function failed(failures: UnobservedFailures, error: unknown): Future<unknown> {
  const future = new Future<unknown>();
  reject(future, error);
  failures.add(future, "task", error);
  return future;
}

async function printed(fn: () => void | Promise<void>): Promise<unknown[]> {
  const { error } = console;
  const errors: unknown[] = [];
  console.error = (error: unknown) => void errors.push(error);
  try {
    await fn();
  } finally {
    console.error = error;
  }
  return errors;
}

test("UnobservedFailures announces a failure once, one turn later", async () => {
  const { failures, announced } = owned();
  failed(failures, "x");
  await null;
  assertEquals([announced.length, failures.count], [0, 1]);
  await nextTurn();
  assertEquals(announced.map(({ task, error }) => [task, error]), [["task", "x"]]);
  failures.close();
  reportUnobserved();
  await nextTurn();
  assertEquals([announced.length, failures.count], [1, 1]);
});

test("UnobservedFailures neither announces nor prints a failure that was observed in time", async () => {
  const { failures, announced } = owned();
  const errors = await printed(async () => {
    failed(failures, "x").exceptionNow();
    await nextTurn();
    const silent = owned(false).failures;
    const future = failed(silent, "y");
    await nextTurn();
    silent.close();
    future.exceptionNow();
    await nextTurn();
    reportUnobserved();
    assertEquals([failures.count, silent.count], [0, 0]);
  });
  assertEquals([announced, errors], [[], []]);
});

test("UnobservedFailures.close() prints the remaining failures one turn later, as well as later ones", async () => {
  const { failures } = owned(false);
  const errors = await printed(async () => {
    failed(failures, "x");
    await nextTurn();
    failures.close();
    await nextTurn();
  });
  assertEquals(errors, ["x"]);
  const later = await printed(async () => {
    failed(failures, "y");
    await nextTurn();
    failures.close();
    await nextTurn();
  });
  assertEquals(later, ["y"]);
  assertEquals(failures.count, 2);
});

test("expectObserver() delays the announcement of a failure until failures are reported", async () => {
  const { failures, announced } = owned();
  const future = new Future<unknown>();
  expectObserver(future);
  reject(future, "x");
  failures.add(future, "task", "x");
  await nextTurn();
  assertEquals(announced, []);
  failures.close();
  await nextTurn();
  assertStrictEquals(announced[0]?.error, "x");
});

test("rejectAlone() prints a failure unless it was observed", async () => {
  const observed = new Future<unknown>();
  const settled = observed.exception();
  const errors = await printed(async () => {
    rejectAlone(observed, "observed");
    rejectAlone(new Future<unknown>(), "alone");
    await nextTurn();
    reportUnobserved();
  });
  assertEquals([await settled, errors], ["observed", ["alone"]]);
});
