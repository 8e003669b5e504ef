/**
 * Makes tasks: functions that an executor can run on another thread or process.
 *
 * @module
 */

import { checkFunction, show } from "../core/check.ts";
import { registerFunctions } from "../wire/functions.ts";
import { localTask, readAddress, type TaskAddress, writeAddress } from "./address.ts";
import { compile } from "./compile.ts";
import { noteLoading } from "./current.ts";
import { addLocalTask, countLocalTasks, nameByPlace } from "./local_tasks.ts";
import { sourceHash } from "./source_hash.ts";

/** Marks a task. The symbol is registered, so that two copies of this library recognize each other's tasks. */
const MARK: unique symbol = Symbol.for("heddle.task") as never;

/**
 * A function that an executor can run in place, on a thread or in a process.
 *
 * A task can be an argument, a result or an item of a queue. The receiver gets a task with the same URL and name. Where
 * the task's module is loaded, the receiver gets the same function. Elsewhere the task can be submitted, but not called
 * in place.
 */
export interface Task<A extends unknown[], R> {
  (...args: A): R;
  /** The URL of its module; for an inline task, a URL made from its name. */
  readonly url: string;
  /** The name by which workers find it. */
  readonly name: string;
}

/**
 * The part of a function type that arguments and result do not express: type parameters, overloads, a type predicate;
 * otherwise `unknown`. The two generic functions compare the types as opaque: types that differ are not assignable.
 *
 * @typeParam A the arguments.
 * @typeParam R the result.
 * @typeParam F the function's own type.
 */
export type MoreThan<A extends unknown[], R, F> = (<T>() => T extends F ? 1 : 2) extends
  (<T>() => T extends ((...args: A) => R) ? 1 : 2) ? unknown
  : (<T>() => T extends F ? 1 : 2) extends (<T>() => T extends Task<A, R> ? 1 : 2) ? unknown
  : F extends infer G ? G
  : never;

/**
 * The type of the task that `task` makes of a function, for explicit annotations: `TaskOf<typeof first>`. A plain
 * function gives a `Task<A, R>`. A generic or overloaded function keeps its signatures for calls in place.
 *
 * @typeParam F the type of the function.
 */
export type TaskOf<F extends (...args: never[]) => unknown> = F extends (...args: infer A) => infer R
  ? MoreThan<A, R, F> & Task<A, R>
  : never;

/** How workers find a task's function. */
export interface Definition {
  readonly url: string;
  readonly name: string;
  /** The source of an inline task. */
  readonly source: string | undefined;
  /** The function, if its module is loaded here. */
  readonly fn: ((...args: never[]) => unknown) | undefined;
  /** Its index among the tasks with the same URL and name; undefined if `task` did not make it. */
  readonly place?: number | undefined;
  /** The origin of the name: the function, the third argument of `task`, or the index of an unnamed function. */
  readonly namedBy?: "function" | "caller" | "place" | undefined;
  /** The address with which the task arrived in a message. */
  readonly address?: TaskAddress;
  /** Whether it is a class, of which a worker makes its object. */
  readonly constructs?: boolean;
  /** The method of the worker's object that is called, if it is no function of a module. */
  readonly method?: string;
}

/**
 * Makes a task of a function. Workers find it by its module's URL and the function's name.
 *
 * A worker imports the module and finds the task there, exported or not. The module's top-level code therefore also
 * runs in the worker. A program that opens pools and also holds tasks must open them under `if (import.meta.main)`, or
 * under `if (isMainThread)` if it may be bundled. The task stays callable in place.
 *
 * Workers find an unnamed function by its index among the module's unnamed tasks, so every worker must make them in the
 * same order. The source text is compared as well, so that no other function runs.
 *
 * A generic function stays generic in place. TypeScript cannot infer its type parameters from the arguments of a
 * `submit`: write `pool.submit(first<string>, words)`, or the result is `unknown`. Of an overloaded function, `submit`
 * sees the last overload. `pool.submit(parse as Task<[string], number>, text)` selects another overload, and the
 * compiler checks that it exists.
 *
 * @typeParam A the arguments.
 * @typeParam R the result.
 * @typeParam F the function's own type.
 * @param meta `import.meta` of the module.
 * @param fn the function.
 * @param name the name of the task, if the function has another name or none. If a module makes no task of that name,
 * its export of that name is used.
 * @throws {TypeError} if `meta.url` is not a string, `fn` is not a function, or `name` is empty.
 *
 * @example One task, run in place
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { task } from "@heddle/heddle/task";
 *
 * const double = task(import.meta, function double(n: number): number {
 *   return 2 * n;
 * });
 * assertEquals(double(21), 42);
 * assertEquals(double.name, "double");
 * ```
 */
export function task<A extends unknown[], R, F extends (...args: A) => R = (...args: A) => R>(
  meta: { url: string },
  fn: F & ((...args: A) => R),
  name?: string,
): MoreThan<A, R, F> & Task<A, R> {
  const known = definitionOf(fn);
  const { url } = meta ?? {};
  if (known !== undefined && known.fn === fn && known.url === url && known.name === (name ?? fn.name)) {
    return fn as never;
  }
  return mark(fn, define("a task", meta, fn, name)) as never;
}

/**
 * Registers a function or class, and returns its definition.
 *
 * @param what what is made of it, for messages: "a task".
 */
export function define(
  what: string,
  meta: { url: string },
  fn: (...args: never[]) => unknown,
  name: string | undefined,
): Definition {
  const url = (meta as { url?: unknown } | null | undefined)?.url;
  if (typeof url !== "string") {
    throw new TypeError(
      `Cannot make ${what} as 'meta' must be import.meta, which a bundle has only as an ES module: current value is ${
        show(meta)
      }`,
    );
  }
  checkFunction(`Cannot make ${what} as 'fn'`, fn);
  if (name !== undefined && (typeof name !== "string" || name === "")) {
    throw new TypeError(`Cannot make ${what} as 'name' must be a non-empty string: current value is ${show(name)}`);
  }
  const loading = noteLoading();
  const own = name ?? fn.name;
  const called = own === "" ? nameByPlace(url) : own;
  const place = addLocalTask(url, called, fn, loading);
  const namedBy = own === "" ? "place" : name === undefined ? "function" : "caller";
  return { url, name: called, source: undefined, fn, place, namedBy };
}

/** Returns the address by which another worker finds the function. */
export function addressOf(definition: Definition): TaskAddress {
  const { url, name, source, fn, place, namedBy, address, constructs, method } = definition;
  if (address !== undefined) return address;
  const made = place !== undefined;
  // The source text is compared only if the name is ambiguous: a tool may have changed the source in one thread alone.
  const unsure = made && (namedBy === "place" || countLocalTasks(url, name) > 1);
  const check = unsure ? { place, hash: sourceHash(fn!), given: namedBy === "caller" } : undefined;
  const found: TaskAddress = { url, name, source, made, check };
  if (method !== undefined) return { ...found, method };
  return constructs === true ? { ...found, constructs } : found;
}

/** Marks a function as a task. */
export function mark<F extends (...args: never[]) => unknown>(fn: F, definition: Definition): F {
  const fixed = { configurable: true, enumerable: false };
  Object.defineProperties(fn, {
    name: { ...fixed, value: definition.name },
    url: { ...fixed, value: definition.url },
    [MARK]: { ...fixed, value: definition },
  });
  return fn;
}

/** Returns the definition of a task, or undefined if the value is not a task. */
export function definitionOf(value: unknown): Definition | undefined {
  if (typeof value !== "function") return undefined;
  return (value as unknown as { [MARK]?: Definition })[MARK];
}

/**
 * Returns the definition of a submitted task.
 *
 * @throws {TypeError} if the value is not a task.
 */
export function requireDefinition(value: unknown): Definition {
  const definition = definitionOf(value);
  if (definition !== undefined) return definition;
  throw new TypeError(
    `Cannot submit ${show(value)}: it is not a task. Wrap it with task(import.meta, fn) in its module, ` +
      `take it from tasksFrom(url), or pass a self-contained function through inline(fn)`,
  );
}

registerFunctions({
  write: (fn, writer) => {
    const definition = definitionOf(fn);
    if (definition !== undefined) writeAddress(writer, addressOf(definition));
    return definition !== undefined;
  },
  read: (reader) => arrived(readAddress(reader)),
});

/** Returns the task of an address that arrived: the local task, or a handle that can be submitted. */
function arrived(address: TaskAddress): (...args: never[]) => unknown {
  const { url, name, source, check } = address;
  // Source text is compiled only when the program calls it: a worker must not make the program run code by sending it.
  const find = () => source === undefined ? localTask(address) : compile(source) as (...args: never[]) => unknown;
  const here = source === undefined ? find() : undefined;
  if (here !== undefined) return here;
  const handle = (...args: never[]): unknown => {
    const fn = find();
    if (fn !== undefined) return fn(...args);
    throw new TypeError(
      `Cannot call '${name}' in place: its module is not loaded here (url is ${url}). Submit the task, or import the module`,
    );
  };
  return mark(handle, { url, name, source, fn: undefined, place: check?.place, address });
}
