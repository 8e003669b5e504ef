/**
 * Stands in for `jsr:@std/assert` where the JSR registry is out of reach: the functions our tests call, with the same
 * names, arguments and meaning. Linked for development only and never published; `deno task test:jsr` runs the tests on
 * the real package.
 *
 * @module
 */

import { AssertionError, because } from "./assertion_error.ts";
import { equal } from "./equal.ts";
import { show } from "./show.ts";

export { AssertionError } from "./assertion_error.ts";
export { equal } from "./equal.ts";
export { assertIsError, assertRejects, assertThrows } from "./errors.ts";

// Any constructor, as in the original.
// deno-lint-ignore no-explicit-any
type Class<T> = abstract new (...args: any[]) => T;

/** Fails unless the value is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Fails unless the value is falsy. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is false | 0 | "" | null | undefined {
  if (expr) throw new AssertionError(msg);
}

/** Fails when the value is null or undefined. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  check(
    actual !== undefined && actual !== null,
    () => `Expected actual: "${show(actual)}" to not be null or undefined`,
    msg,
  );
}

/** Fails unless the values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  check(equal(actual, expected), () => `Values are not equal: ${show(actual)} is not ${show(expected)}`, msg);
}

/** Fails when the values are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  check(!equal(actual, expected), () => `Expected actual: ${show(actual)} not to be: ${show(expected)}`, msg);
}

/** Fails unless the values are the same by `Object.is`. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  check(
    Object.is(actual, expected),
    () => `Values are not strictly equal: ${show(actual)} is not ${show(expected)}`,
    msg,
  );
}

/** Fails when the values are the same by `Object.is`. */
export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void {
  check(
    !Object.is(actual, expected),
    () => `Expected "actual" to not be strictly equal to: ${show(expected)}`,
    msg,
  );
}

/** Fails unless the numbers are at most `tolerance` apart. */
export function assertAlmostEquals(actual: number, expected: number, tolerance = 1e-7, msg?: string): void {
  const near = Object.is(actual, expected) || Math.abs(actual - expected) <= tolerance;
  check(near, () => `Expected actual: "${actual}" to be close to "${expected}" within ${tolerance}`, msg);
}

/** Fails unless the value is an instance of the class. */
export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: Class<T>,
  msg?: string,
): asserts actual is T {
  check(
    actual instanceof expectedType,
    () => `Expected ${show(actual)} to be an instance of ${expectedType.name}`,
    msg,
  );
}

/** Fails unless the text matches the expression. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  check(expected.test(actual), () => `Expected actual: "${actual}" to match: "${expected}"`, msg);
}

/** Fails unless the text includes the expected text. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  check(actual.includes(expected), () => `Expected actual: "${actual}" to contain: "${expected}"`, msg);
}

/** Fails unless the array has every expected item, compared deeply. */
export function assertArrayIncludes<T>(actual: ArrayLike<T>, expected: ArrayLike<T>, msg?: string): void {
  const missing = Array.from(expected).filter((item) => !Array.from(actual).some((other) => equal(item, other)));
  check(missing.length === 0, () => `Expected actual: ${show(actual)} to include: ${show(missing)}`, msg);
}

/** Fails unless `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  check(actual > expected, () => `Expect ${show(actual)} > ${show(expected)}`, msg);
}

/** Fails unless `actual >= expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  check(actual >= expected, () => `Expect ${show(actual)} >= ${show(expected)}`, msg);
}

/** Fails unless `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  check(actual < expected, () => `Expect ${show(actual)} < ${show(expected)}`, msg);
}

/** Fails unless `actual <= expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  check(actual <= expected, () => `Expect ${show(actual)} <= ${show(expected)}`, msg);
}

/** Fails. */
export function fail(msg?: string): never {
  throw new AssertionError(because("Failed assertion", msg));
}

/** Formats the problem only if there is one: formatting may take longer than the rest of a test. */
function check(holds: boolean, problem: () => string, msg: string | undefined): void {
  if (!holds) throw new AssertionError(because(problem(), msg));
}
