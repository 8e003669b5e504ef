import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import * as errors from "../../src/core/errors.ts";

const CLASSES = Object.entries(errors) as [string, new (message?: string, options?: unknown) => Error][];

test("every error class has its class name as name", () => {
  assert(CLASSES.length >= 7);
  for (const [name, ErrorClass] of CLASSES) {
    const error = new ErrorClass("Cannot go on");
    assertEquals([error.name, ErrorClass.name], [name, name]);
    assertEquals(`${error}`, `${name}: Cannot go on`);
  }
});

/** The error classes that also extend another class. */
const PARENTS: Record<string, string> = { QueueEmptyError: "TimeoutError", QueueFullError: "TimeoutError" };

test("every error is an instance only of Error and its class, except for two that extend TimeoutError", () => {
  for (const [name, ErrorClass] of CLASSES) {
    const error = new ErrorClass("Cannot go on");
    assertInstanceOf(error, Error);
    const fitting = CLASSES.filter(([, Other]) => error instanceof Other).map(([other]) => other);
    assertEquals(fitting.toSorted(), [name, PARENTS[name] ?? []].flat().toSorted());
  }
});

test("error classes keep their names on the prototype, not on each instance", () => {
  for (const [, ErrorClass] of CLASSES) {
    assert(!Object.hasOwn(new ErrorClass("Cannot go on"), "name"));
    assert(!Object.keys(new ErrorClass("Cannot go on")).includes("name"));
  }
});

test("a subclass of an error class can set another name", () => {
  class LateError extends errors.TimeoutError {
    override name = "LateError";
  }
  assertEquals(new LateError("too late").name, "LateError");
  assertEquals(new errors.TimeoutError("too late").name, "TimeoutError");
});

test("every error accepts a cause", () => {
  const cause = new Error("why");
  for (const [name, ErrorClass] of CLASSES) {
    const error = name === "WorkerLostError"
      ? new errors.WorkerLostError("Cannot go on", {}, { cause })
      : new ErrorClass("Cannot go on", { cause });
    assertEquals(error.cause, cause);
  }
});

test("WorkerLostError describes how the worker ended", () => {
  const end = { exitCode: undefined, signal: "SIGKILL", stderr: "out of memory" };
  const { exitCode, signal, stderr } = new errors.WorkerLostError("Lost worker 3", end);
  assertEquals({ exitCode, signal, stderr }, end);
});

test("WorkerLostError has no details by default", () => {
  const { exitCode, signal, stderr } = new errors.WorkerLostError("Lost worker 3");
  assertEquals({ exitCode, signal, stderr }, { exitCode: undefined, signal: undefined, stderr: "" });
});

test("QueueFullError and QueueShutDownError carry the refused item", () => {
  const value = { item: 1 };
  for (const ErrorClass of [errors.QueueFullError, errors.QueueShutDownError]) {
    const error = new ErrorClass("Cannot put", { value });
    assertEquals([error.value, Object.hasOwn(error, "cause"), error.message], [value, false, "Cannot put"]);
    assertEquals(new ErrorClass("Cannot put").value, undefined);
  }
});
