/**
 * Errors as data, and data as errors.
 *
 * Structured clone keeps neither class, name, code nor own properties, and `AggregateError.errors` on no runtime.
 *
 * @module
 */

import * as ours from "../core/errors.ts";
import { sharedByCopies } from "../core/copy.ts";
import { withoutFrames } from "../core/frames.ts";
import { runtime } from "../runtime/mod.ts";

type ErrorClass = new (...args: never[]) => Error;

/** What travels of an error. */
export interface ErrorRecord {
  /** The name its class is known by on both sides, or "" for a class of its own. */
  className: string;
  name: string;
  message: string;
  stack: string;
  /** Own properties and their values, the cause and the errors of an AggregateError included. */
  properties: [string, unknown][];
}

const BUILT_IN: ErrorClass[] = [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
];

/** The hosts' own subclasses of built-in errors, which programs know as the built-in ones. */
const HOST_CLASS = /^(?:Node\w*|DNSException|SystemError|(?:Type|Range|Syntax|Reference|Eval|URI)?Error)$/;

/** Classes by the name they travel under. */
const classes = new Map<string, ErrorClass>();
/** What programs have registered, with whichever copy of this library. */
const registered = sharedByCopies("errors", () => new Map<string, ErrorClass>());
/** The same, by their prototypes; the classes of all copies of this library. */
const names = sharedByCopies("error names", () => new Map<object, string>());

for (const known of [...Object.values(runtime.errorClasses), ...BUILT_IN, ...Object.values(ours)]) {
  const { name, prototype } = known as ErrorClass & { readonly prototype: Error };
  // Minified classes have other names; ours and those of the language carry theirs on the prototype.
  const called = Object.hasOwn(prototype, "name") ? prototype.name : name;
  classes.set(called, known as ErrorClass);
  names.set(prototype, called);
}

/** Makes a class known under a name; the last one to claim a name has it. */
export function addErrorClass(errorClass: ErrorClass, name: string): void {
  registered.set(name, errorClass);
  names.set(errorClass.prototype as object, name);
}

/** Takes an error apart. Getters that throw and properties without a value are left out. */
export function describeError(error: Error): ErrorRecord {
  const properties: [string, unknown][] = [];
  for (const key of Object.getOwnPropertyNames(error)) {
    if (key === "message" || key === "stack" || key === "name") continue;
    const descriptor = Object.getOwnPropertyDescriptor(error, key)!;
    // Engines add hidden details such as `line` and `sourceURL`; what a program sets is enumerable, but for these two.
    if (!descriptor.enumerable && key !== "cause" && key !== "errors") continue;
    try {
      properties.push([key, (error as unknown as Record<string, unknown>)[key]]);
    } catch {
      continue;
    }
  }
  // Bun has the code of its errors on their prototypes, which do not travel.
  if (!Object.hasOwn(error, "code")) {
    const code = codeOf(error);
    if (code !== undefined) properties.push(["code", code]);
  }
  const className = classNameOf(error);
  return {
    className,
    name: className === "" ? ownNameOf(error) : text(error, "name"),
    message: text(error, "message"),
    stack: text(error, "stack"),
    properties,
  };
}

/** Makes the error that a record describes. Its properties follow once they are decoded, as they may refer to it. */
export function makeError(record: Omit<ErrorRecord, "properties">): Error {
  const { className, name, message, stack } = record;
  if (className === "DOMException") return withStack(withoutFrames(() => new DOMException(message, name)), stack);
  const error = withoutFrames(() => new Error(message));
  const known = registered.get(className) ?? classes.get(className);
  Object.setPrototypeOf(error, (known ?? ours.RemoteError).prototype as object);
  if (error.name !== name) define(error, "name", name);
  return withStack(error, stack);
}

/** Sets an own property of a decoded error: the cause and the errors hidden, as the language has them. */
export function defineProperty(error: Error, key: string, value: unknown): void {
  define(error, key, value, key !== "cause" && !(key === "errors" && error instanceof AggregateError));
}

/** Sets the stack of a decoded error. */
export function defineStack(error: Error, stack: string): void {
  define(error, "stack", stack);
}

function withStack(error: Error, stack: string): Error {
  defineStack(error, stack);
  return error;
}

function define(error: Error, key: string, value: unknown, enumerable = false): void {
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
}

function codeOf(error: Error): string | undefined {
  try {
    const { code } = error as { code?: unknown };
    return typeof code === "string" ? code : undefined;
  } catch {
    return undefined;
  }
}

function classNameOf(error: Error): string {
  if (error instanceof DOMException) return "DOMException";
  const own = names.get(Object.getPrototypeOf(error) as object);
  if (own !== undefined) return own;
  // The hosts throw subclasses of their own that look like the built-in class but for a code.
  if (codeOf(error) === undefined || !HOST_CLASS.test(constructorOf(error))) return "";
  for (let p: object | null = Object.getPrototypeOf(error); p !== null; p = Object.getPrototypeOf(p)) {
    const name = names.get(p);
    if (name !== undefined) return name === error.name ? name : "";
  }
  return "";
}

/** The name of an error that has no class of its own here: its class's, if that sets no other. */
function ownNameOf(error: Error): string {
  for (let p: object | null = error; p !== null; p = Object.getPrototypeOf(p)) {
    if (!Object.hasOwn(p, "name")) continue;
    return names.has(p) ? constructorOf(error) || text(error, "name") : text(error, "name");
  }
  return text(error, "name");
}

function constructorOf(error: Error): string {
  try {
    return String((error.constructor as { name?: unknown } | undefined)?.name ?? "");
  } catch {
    return "";
  }
}

function text(error: Error, key: "name" | "message" | "stack"): string {
  try {
    const value: unknown = error[key];
    return typeof value === "string" ? value : value === undefined ? "" : String(value);
  } catch {
    return "";
  }
}
