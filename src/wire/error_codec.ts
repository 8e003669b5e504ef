/**
 * Converts errors to records and back.
 *
 * The structured clone does not keep the class, the name, the code or own properties of an error; no runtime keeps
 * `AggregateError.errors`.
 *
 * @module
 */

import * as ours from "../core/errors.ts";
import { sharedByCopies } from "../core/copy.ts";
import { withoutFrames } from "../core/frames.ts";
import { runtime } from "../runtime/mod.ts";

type ErrorClass = new (...args: never[]) => Error;

/** The parts of an error that travel. */
export interface ErrorRecord {
  /** The name under which both sides know its class; "" for an unregistered class. */
  className: string;
  name: string;
  message: string;
  stack: string;
  /** Own properties and their values, including the cause and the errors of an AggregateError. */
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

/** The hosts' own subclasses of built-in errors, which programs treat as the built-in ones. */
const HOST_CLASS = /^(?:Node\w*|DNSException|SystemError|(?:Type|Range|Syntax|Reference|Eval|URI)?Error)$/;

/** Classes by the name under which they travel. */
const classes = new Map<string, ErrorClass>();
/** Classes that programs have registered with any copy of this library. */
const registered = sharedByCopies("errors", () => new Map<string, ErrorClass>());
/** Names of all known classes by their prototypes, for all copies of this library. */
const names = sharedByCopies("error names", () => new Map<object, string>());

for (const known of [...Object.values(runtime.errorClasses), ...BUILT_IN, ...Object.values(ours)]) {
  const { name, prototype } = known as ErrorClass & { readonly prototype: Error };
  // Minified classes have other names. The classes of this library and of the language have their names on the
  // prototype.
  const called = Object.hasOwn(prototype, "name") ? prototype.name : name;
  classes.set(called, known as ErrorClass);
  names.set(prototype, called);
}

/** Registers a class under a name; a later class replaces an earlier one of that name. */
export function addErrorClass(errorClass: ErrorClass, name: string): void {
  registered.set(name, errorClass);
  names.set(errorClass.prototype as object, name);
}

/** Returns the record of an error. Getters that throw are omitted. */
export function describeError(error: Error): ErrorRecord {
  const properties: [string, unknown][] = [];
  for (const key of Object.getOwnPropertyNames(error)) {
    if (key === "message" || key === "stack" || key === "name") continue;
    const descriptor = Object.getOwnPropertyDescriptor(error, key)!;
    // Engines add hidden properties such as `line` and `sourceURL`. Properties that a program sets are enumerable,
    // except these two.
    if (!descriptor.enumerable && key !== "cause" && key !== "errors") continue;
    try {
      properties.push([key, (error as unknown as Record<string, unknown>)[key]]);
    } catch {
      continue;
    }
  }
  // Bun keeps the code of its errors on their prototypes, which do not travel.
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

/** Makes the error of a record. Its properties are set later, because they may refer to the error. */
export function makeError(record: Omit<ErrorRecord, "properties">): Error {
  const { className, name, message, stack } = record;
  if (className === "DOMException") return withStack(withoutFrames(() => new DOMException(message, name)), stack);
  const error = withoutFrames(() => new Error(message));
  const known = registered.get(className) ?? classes.get(className);
  Object.setPrototypeOf(error, (known ?? ours.RemoteError).prototype as object);
  if (error.name !== name) define(error, "name", name);
  return withStack(error, stack);
}

/** Sets an own property of a decoded error. As in the language, the cause and the errors are not enumerable. */
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
  // Hosts throw subclasses that differ from the built-in class only by a code.
  if (codeOf(error) === undefined || !HOST_CLASS.test(constructorOf(error))) return "";
  for (let p: object | null = Object.getPrototypeOf(error); p !== null; p = Object.getPrototypeOf(p)) {
    const name = names.get(p);
    if (name !== undefined) return name === error.name ? name : "";
  }
  return "";
}

/**
 * Returns the name of an error of an unregistered class: the name of the class, unless the class or the error sets
 * another.
 */
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
