import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { RemoteError } from "../../src/core/errors.ts";
import { registerError } from "../../src/task/register_error.ts";
import { sent } from "../wire/values.ts";

test("registerError() makes errors of a class arrive as instances of it", () => {
  class QuotaError extends RangeError {
    readonly limit: number;
    constructor(limit: number) {
      super(`More than ${limit}`);
      this.limit = limit;
    }
  }
  assertInstanceOf(sent(new QuotaError(3)), RemoteError);
  registerError(QuotaError);
  const copy = sent(new QuotaError(3));
  assertInstanceOf(copy, QuotaError);
  assertInstanceOf(copy, RangeError);
  assertEquals([copy.limit, copy.message], [3, "More than 3"]);
});

test("registerError() may be called again, and the last class of a name counts", () => {
  const made = [1, 2].map(() => {
    class TwiceError extends Error {}
    registerError(TwiceError);
    registerError(TwiceError);
    return TwiceError;
  });
  const First = made[0]!, Second = made[1]!;
  assertInstanceOf(sent(new Second("x")), Second);
  assert(!(sent(new Second("x")) instanceof First));
});

test("registerError() rejects values that are not error classes with a name", () => {
  const nameless = (() => class extends Error {})();
  for (const value of [class {}, () => {}, Error.prototype, new Error("x"), undefined, null, "Error", nameless]) {
    assertThrows(
      () => registerError(value as never),
      TypeError,
      "Cannot register as 'errorClass' must be a named class that extends Error",
    );
  }
});
