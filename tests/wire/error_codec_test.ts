import { Buffer } from "node:buffer";
import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertStrictEquals, assertStringIncludes } from "@std/assert";
import * as ours from "../../src/core/errors.ts";
import { addErrorClass, defineProperty, describeError, makeError } from "../../src/wire/error_codec.ts";
import { CHANNELS, sent } from "./values.ts";

const BUILT_IN = [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError];

for (const [name, channel] of CHANNELS) {
  test(`Errors keep class, message, name and stack, by ${name}`, () => {
    for (const ErrorClass of BUILT_IN) {
      const error = new ErrorClass("out of order");
      const copy = sent(error, channel);
      assertStrictEquals(Object.getPrototypeOf(copy), ErrorClass.prototype);
      assertEquals([copy.name, copy.message, copy.stack], [error.name, error.message, error.stack]);
      assertEquals(Object.keys(copy), []);
    }
  });
}

test("Errors of this library keep their class and properties", () => {
  const lost = new ours.WorkerLostError("Lost worker 1", { exitCode: 3, stderr: "last words" });
  const copy = sent(lost);
  assertInstanceOf(copy, ours.WorkerLostError);
  assertEquals([copy.exitCode, copy.signal, copy.stderr, copy.name], [3, undefined, "last words", "WorkerLostError"]);
  assertInstanceOf(sent(new ours.TimeoutError("late")), ours.TimeoutError);
});

test("Errors keep code, name and own properties that can be cloned", () => {
  const error = Object.assign(new Error("gone"), { code: "ENOENT", errno: -2, path: ["a", "b"], when: new Date(0) });
  error.name = "FileError";
  const copy = sent(error);
  assertEquals([copy.code, copy.errno, copy.path, copy.when.getTime()], ["ENOENT", -2, ["a", "b"], 0]);
  assertEquals([copy.name, String(copy)], ["FileError", "FileError: gone"]);
});

test("Errors lose only properties that cannot be cloned", () => {
  const socket = { write: () => {} };
  const details = { sent: 1 };
  const error = Object.assign(new Error("gone"), { before: details, socket, deep: [{ socket }], after: details });
  const copy = sent({ error, details }) as { error: typeof error; details: unknown };
  assertEquals(Object.keys(copy.error), ["before", "socket", "deep", "after"]);
  assertEquals([copy.error.socket, copy.error.deep], [{}, [{ socket: {} }]] as unknown);
  const named = "left out: error.socket.write: a function cannot travel; error.deep[0].socket.write: a function cannot";
  assertStringIncludes(copy.error.stack!, named);
  assertStrictEquals(copy.error.before, copy.details);
  assertStrictEquals(copy.error.after, copy.details);
});

test("Errors lose only getters that throw", () => {
  const error = Object.defineProperty(Object.assign(new Error("gone"), { code: 1 }), "broken", {
    enumerable: true,
    get: () => {
      throw new Error("no");
    },
  });
  assertEquals(Object.keys(sent(error)), ["code"]);
});

test("Errors keep the whole chain of causes of any type", () => {
  const end = { reason: "not an error", code: 7 };
  const error = new Error("first", {
    cause: new TypeError("second", { cause: new RangeError("third", { cause: end }) }),
  });
  const copy = sent(error);
  const second = copy.cause as Error, third = second.cause as Error;
  assertInstanceOf(second, TypeError);
  assertInstanceOf(third, RangeError);
  assertEquals([second.message, third.message, third.cause], ["second", "third", end]);
  assertEquals(Object.keys(copy), [], "a cause is not enumerable");
  assert("cause" in sent(new Error("none", { cause: undefined })));
  assert(!("cause" in sent(new Error("none"))));
});

test("Errors may be their own cause", () => {
  const error = new Error("round");
  error.cause = { back: [error] };
  const copy = sent(error) as Error & { cause: { back: Error[] } };
  assertStrictEquals(copy.cause.back[0], copy);
});

test("AggregateError keeps its errors as a non-enumerable property", () => {
  const error = new AggregateError([new TypeError("a"), "b", Object.assign(new Error("c"), { code: 3 })], "several");
  const copy = sent(error);
  assertInstanceOf(copy, AggregateError);
  assertInstanceOf(copy.errors[0], TypeError);
  assertEquals([copy.message, copy.errors.length, copy.errors[1], copy.errors[2].code], ["several", 3, "b", 3]);
  assertEquals(Object.keys(copy), []);
});

test("DOMException keeps name, message, code and stack", () => {
  const error = new DOMException("not now", "AbortError");
  const copy = sent(error);
  assertInstanceOf(copy, DOMException);
  assertEquals([copy.name, copy.message, copy.code, copy.stack], ["AbortError", "not now", 20, error.stack ?? ""]);
});

test("The reason of a default abort keeps its class", () => {
  const controller = new AbortController();
  controller.abort();
  const copy = sent(controller.signal.reason) as DOMException;
  assertInstanceOf(copy, DOMException);
  assertEquals(copy.name, "AbortError");
});

test("An error of an unknown class arrives as RemoteError with its own name", () => {
  class QuotaError extends RangeError {
    override name = "QuotaError";
    limit = 5;
  }
  const error = new QuotaError("used up");
  const copy = sent<Error>(error) as Error & { limit?: number };
  assertInstanceOf(copy, ours.RemoteError);
  assertStrictEquals(Object.getPrototypeOf(copy), ours.RemoteError.prototype);
  assertEquals([copy.name, copy.message, copy.limit, copy.stack], ["QuotaError", "used up", 5, error.stack]);
});

test("An error of a registered class arrives in its class, without a call of its constructor", () => {
  let made = 0;
  class ParseError extends SyntaxError {
    override readonly name = "ParseError";
    readonly line: number;
    constructor(line: number) {
      super(`Cannot parse line ${line}`);
      made++;
      this.line = line;
    }
  }
  addErrorClass(ParseError, "ParseError");
  const copy = sent(new ParseError(7));
  assertInstanceOf(copy, ParseError);
  assertEquals([copy.line, copy.message, copy.name, made], [7, "Cannot parse line 7", "ParseError", 1]);
});

test("An error of a subclass does not arrive as its registered base class", () => {
  class Known extends Error {}
  class Special extends Known {}
  addErrorClass(Known, "Known");
  assertInstanceOf(sent(new Special("x")), ours.RemoteError);
});

test("An error of the host's own variant of a built-in class arrives as that class", () => {
  const error = catchError(() => Buffer.alloc("x" as never));
  const copy = sent(error) as Error & { code?: string };
  assertInstanceOf(copy, TypeError);
  assertEquals([copy.message, copy.code], [error.message, (error as { code?: string }).code]);
});

test("An error keeps a code from the prototype of its class", () => {
  class CodedError extends Error {
    get code(): string {
      return "ECODED";
    }
  }
  assertEquals(sent(new CodedError("x")).code, "ECODED");
});

test("An error whose code cannot be read arrives without it", () => {
  class BrokenError extends Error {
    get code(): never {
      throw new Error("no");
    }
  }
  assertEquals(sent(new BrokenError("x")).message, "x");
});

test("Errors arrive even if they are frozen, empty or have invalid properties", () => {
  assertEquals(sent(Object.freeze(new Error("frozen"))).message, "frozen");
  const odd = new Error("odd") as unknown as Record<string, unknown>;
  odd.message = { not: "text" };
  odd.stack = undefined;
  odd.name = 5;
  const copy = sent(odd) as unknown as Error;
  assertEquals([copy.message, copy.stack, copy.name], ["[object Object]", "", "5"]);
  const hostile = new Error("hostile");
  for (const key of ["message", "stack", "name"]) {
    Object.defineProperty(hostile, key, {
      get: () => {
        throw new Error("no");
      },
    });
  }
  assertInstanceOf(sent(hostile), Error);
});

test("An error with a property named __proto__ keeps its prototype", () => {
  const error = new TypeError("x");
  Object.defineProperty(error, "__proto__", { value: { polluted: 1 }, enumerable: true });
  const copy = sent(error);
  assertStrictEquals(Object.getPrototypeOf(copy), TypeError.prototype);
  assertStrictEquals((copy as { polluted?: number }).polluted, undefined);
});

test("describeError() omits properties that the engine adds", () => {
  const { className, name, message, properties } = describeError(catchError(() => JSON.parse("{")));
  assertEquals([className, name, properties], ["SyntaxError", "SyntaxError", []]);
  assert(message.length > 0);
});

test("makeError() and defineProperty() create errors that can be thrown, changed and printed", () => {
  const error = makeError({
    className: "TypeError",
    name: "TypeError",
    message: "m",
    stack: "TypeError: m\n    at far",
  });
  defineProperty(error, "code", "E");
  defineProperty(error, "cause", "why");
  assertEquals([Object.keys(error), error.cause, error.stack], [["code"], "why", "TypeError: m\n    at far"]);
  error.stack = error.stack + "\n    at here";
  assert(error.stack!.endsWith("at here"));
});

function catchError(fn: () => unknown): Error {
  try {
    fn();
  } catch (error) {
    return error as Error;
  }
  throw new Error("Nothing was thrown");
}

test("Errors have the name of their class, unless the class sets another", () => {
  class QuotaError extends Error {
    code = "E_QUOTA";
  }
  class Renamed extends RangeError {
    override name = "OtherName";
  }
  const copies = [new QuotaError("full"), new Renamed("full"), new (class extends QuotaError {})("none")].map((e) =>
    sent(e)
  );
  assertEquals(copies.map(({ name }) => name), ["QuotaError", "OtherName", "Error"]);
  assertEquals([copies[0]!.message, (copies[0] as QuotaError).code], ["full", "E_QUOTA"]);
  assertInstanceOf(copies[0], ours.RemoteError);
});

test("Errors of the host keep their public class", () => {
  const error = catchError(() => new URL("no address"));
  const copy = sent(error);
  assertInstanceOf(copy, TypeError);
  assertEquals([copy.name, (copy as { code?: string }).code], [error.name, (error as { code?: string }).code]);
});
