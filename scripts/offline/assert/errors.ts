import { AssertionError, because } from "./assertion_error.ts";
import { show } from "./show.ts";

// Error classes have all kinds of constructors.
// deno-lint-ignore no-explicit-any
type Class<T> = abstract new (...args: any[]) => T;

/** Fails unless the value is an error of the class (and its message includes the text). */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: Class<E>,
  msgIncludes?: string,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) {
    throw new AssertionError(
      because(`Expected "error" to be an Error object, but it is ${show(error)}`, msg),
    );
  }
  if (ErrorClass !== undefined && !(error instanceof ErrorClass)) {
    const problem = `Expected error to be instance of "${ErrorClass.name}", but was "${error.constructor.name}"`;
    throw new AssertionError(because(`${problem} (${error.message})`, msg), { cause: error });
  }
  if (msgIncludes !== undefined && !error.message.includes(msgIncludes)) {
    const problem = `Expected error message to include "${msgIncludes}", but got "${error.message}"`;
    throw new AssertionError(because(problem, msg), { cause: error });
  }
}

/** Fails unless the function throws; returns the error. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: Class<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  classOrMsg?: Class<Error> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  const { ErrorClass, message } = sort(classOrMsg, msg);
  try {
    fn();
  } catch (error) {
    if (ErrorClass !== undefined) assertIsError(error, ErrorClass, msgIncludes, message);
    return error;
  }
  throw new AssertionError(because("Expected function to throw", message));
}

/** Fails unless the function returns a promise that rejects; resolves to the reason. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: Class<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: Class<Error> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const { ErrorClass, message } = sort(classOrMsg, msg);
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error) {
    throw new AssertionError(because("Function throws when expected to reject", message), { cause: error });
  }
  try {
    await promise;
  } catch (error) {
    if (ErrorClass !== undefined) assertIsError(error, ErrorClass, msgIncludes, message);
    return error;
  }
  throw new AssertionError(because("Expected function to reject", message));
}

function sort(
  classOrMsg: Class<Error> | string | undefined,
  msg: string | undefined,
): { ErrorClass: Class<Error> | undefined; message: string | undefined } {
  if (typeof classOrMsg === "string") return { ErrorClass: undefined, message: classOrMsg };
  return { ErrorClass: classOrMsg, message: msg };
}
