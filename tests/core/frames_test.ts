import { test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { releaseFrames, withoutFrames } from "../../src/core/frames.ts";

test("withoutFrames() creates an error without frames, and does not affect later ones", () => {
  const { stackTraceLimit } = Error;
  const error = withoutFrames(() => new RangeError("x"));
  assertEquals([error.message, (error.stack ?? "").includes("frames_test")], ["x", false]);
  assertThrows(() => withoutFrames(() => JSON.parse("{")), SyntaxError);
  assertStrictEquals(Error.stackTraceLimit, stackTraceLimit);
  assertEquals((new Error().stack ?? "").includes("frames_test"), true);
});

test("releaseFrames() accepts errors of any shape", () => {
  const circle = new Error("x");
  circle.cause = new AggregateError([circle, 1, undefined]);
  const bad = new Error("x");
  Object.defineProperty(bad, "stack", { get: () => JSON.parse("{") });
  for (const error of [circle, bad, undefined, null, "text", {}]) releaseFrames(error);
});
