/**
 * Functions that can run elsewhere.
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

/** The mark of a task. Registered, so that two copies of this library know each other's tasks. */
const MARK: unique symbol = Symbol.for("heddle.task") as never;

/**
 * A function that an executor can run in place, on a thread or in a process.
 *
 * A task can be an argument, a result or an item of a queue: what arrives is a task with the same address and name, and the
 * same function where the module of the task is loaded. Elsewhere it can be submitted, but not called in place.
 */
export interface Task<A extends unknown[], R> {
  (...args: A): R;
  /** The address of its module; for an inline task, one that is made of its name. */
  readonly url: string;
  /** The name it is known by. */
  readonly name: string;
}

/**
 * What a function type has besides its arguments and its result: type parameters, overloads, a type predicate. It is `unknown`
 * if it has no more. Types that differ do not fit the two generic functions, which compare them without looking inside.
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
 * The task that `task` makes of a function of this type, for places where it must be written: `TaskOf<typeof first>`. A plain
 * function gives a `Task<A, R>`. A generic or overloaded one keeps its own signatures for calls in place.
 *
 * @typeParam F the type of the function.
 */
export type TaskOf<F extends (...args: never[]) => unknown> = F extends (...args: infer A) => infer R
  ? MoreThan<A, R, F> & Task<A, R>
  : never;

/** How the function of a task is found. */
export interface Definition {
  readonly url: string;
  readonly name: string;
  /** The source of an inline task. */
  readonly source: string | undefined;
  /** The function itself, where it is loaded. */
  readonly fn: ((...args: never[]) => unknown) | undefined;
  /** Its place in the order of the tasks with the same address and name; undefined if `task` did not make it. */
  readonly place?: number | undefined;
  /** Where its name comes from: the function, the third argument of `task`, or its place as the function had none. */
  readonly namedBy?: "function" | "caller" | "place" | undefined;
  /** The address that a task which has arrived in a message came with. */
  readonly address?: TaskAddress;
}

/**
 * Makes a task of a function. It is known by the address of its module and by the function's name.
 *
 * The worker imports the module and finds the task there, exported or not. Whatever the module does when it is loaded happens
 * in the worker too: a program that opens pools and also holds tasks does so under `if (import.meta.main)`, and under
 * `if (isMainThread)` if it may be bundled. The task stays callable in place.
 *
 * A function without a name is known by its place among the functions without a name that its module makes tasks of, so they
 * have to be made in the same order in every worker. The source text is compared, so that no other function is run.
 *
 * A generic function stays generic in place. TypeScript cannot choose its type parameters from the arguments of a `submit`:
 * name them there, `pool.submit(first<string>, words)`, or the result is `unknown`. Of an overloaded function `submit` sees
 * the last overload; `pool.submit(parse as Task<[string], number>, text)` chooses another, and the compiler checks that it
 * exists.
 *
 * @typeParam A the arguments.
 * @typeParam R what it returns.
 * @typeParam F the function's own type.
 * @param meta `import.meta` of the module.
 * @param fn the function.
 * @param name the name of the task, if the function has another name or none. A module that makes no task of that name may
 * export the function under it.
 * @throws {TypeError} if there is no module address or no function, or if `name` is empty.
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
  const url = (meta as { url?: unknown } | null | undefined)?.url;
  if (typeof url !== "string") {
    throw new TypeError(
      `Cannot make a task as 'meta' must be import.meta, which a bundle has only as an ES module: current value is ${
        show(meta)
      }`,
    );
  }
  checkFunction("Cannot make a task as 'fn'", fn);
  if (name !== undefined && (typeof name !== "string" || name === "")) {
    throw new TypeError(`Cannot make a task as 'name' must be a name: current value is ${show(name)}`);
  }
  const known = definitionOf(fn);
  if (known?.fn === fn && known.url === url && known.name === (name ?? fn.name)) return fn as never;
  const loading = noteLoading();
  const own = name ?? fn.name;
  const called = own === "" ? nameByPlace(url) : own;
  const place = addLocalTask(url, called, fn, loading);
  const namedBy = own === "" ? "place" : name === undefined ? "function" : "caller";
  return mark(fn, { url, name: called, source: undefined, fn, place, namedBy }) as never;
}

/** Returns what another worker needs to find the function of a task. */
export function addressOf({ url, name, source, fn, place, namedBy, address }: Definition): TaskAddress {
  if (address !== undefined) return address;
  const made = place !== undefined;
  // The source text is compared only where the name does not decide: tools that change it may do so in one thread alone.
  const unsure = made && (namedBy === "place" || countLocalTasks(url, name) > 1);
  const check = unsure ? { place, hash: sourceHash(fn!), given: namedBy === "caller" } : undefined;
  return { url, name, source, made, check };
}

/** Makes a function a task. */
export function mark<F extends (...args: never[]) => unknown>(fn: F, definition: Definition): F {
  const fixed = { configurable: true, enumerable: false };
  Object.defineProperties(fn, {
    name: { ...fixed, value: definition.name },
    url: { ...fixed, value: definition.url },
    [MARK]: { ...fixed, value: definition },
  });
  return fn;
}

/** Returns how to find the function of a task, or undefined if the value is not a task. */
export function definitionOf(value: unknown): Definition | undefined {
  if (typeof value !== "function") return undefined;
  return (value as unknown as { [MARK]?: Definition })[MARK];
}

/**
 * Returns the definition of what was submitted.
 *
 * @throws {TypeError} if it is not a task.
 */
export function requireDefinition(value: unknown): Definition {
  const definition = definitionOf(value);
  if (definition !== undefined) return definition;
  throw new TypeError(
    `Cannot submit ${show(value)}, as it is not a task: wrap it with task(import.meta, fn) in the module that ` +
      `exports it, take it from tasksFrom(url), or pass a self-contained function through inline(fn)`,
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

/** Returns the task with an address that has arrived: the one that is here, or one that can be submitted. */
function arrived(address: TaskAddress): (...args: never[]) => unknown {
  const { url, name, source, check } = address;
  // Source text is not run before the program asks for it: a worker must not make the program run what it sends.
  const find = () => source === undefined ? localTask(address) : compile(source) as (...args: never[]) => unknown;
  const here = source === undefined ? find() : undefined;
  if (here !== undefined) return here;
  const handle = (...args: never[]): unknown => {
    const fn = find();
    if (fn !== undefined) return fn(...args);
    throw new TypeError(
      `Cannot call '${name}' in place, as ${url} is not loaded here: submit it, or import the module`,
    );
  };
  return mark(handle, { url, name, source, fn: undefined, place: check?.place, address });
}
