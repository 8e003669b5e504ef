/**
 * Functions that can run elsewhere.
 *
 * @module
 */

import { checkFunction, show } from "../core/check.ts";
import { noteLoading } from "./current.ts";
import { addLocalTask, countLocalTasks, nameByPlace } from "./local_tasks.ts";
import { sourceHash } from "./source_hash.ts";

/** The mark of a task. Registered, so that two copies of this library know each other's tasks. */
const MARK: unique symbol = Symbol.for("heddle.task") as never;

/** A function that an executor can run in place, on a thread or in a process. */
export interface Task<A extends unknown[], R> {
  (...args: A): R;
  /** The address of its module; for an inline task, one that is made of its name. */
  readonly url: string;
  /** The name it is known by. */
  readonly name: string;
}

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
}

/** What another worker needs to find the function of a task. */
export interface TaskAddress {
  readonly url: string;
  readonly name: string;
  /** The source of an inline task. */
  readonly source: string | undefined;
  /** Whether `task` made it; otherwise it is an export. */
  readonly made: boolean;
  /** What tells it from other tasks of its address and name, if there are any or may be: its place and a hash of its source. */
  readonly check: TaskCheck | undefined;
}

/** What tells a task from others with the same address and name. */
export interface TaskCheck {
  readonly place: number;
  readonly hash: string;
  /** Whether the caller gave the name: if no task fits, the export of that name is meant. */
  readonly given: boolean;
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
export function task<A extends unknown[], R>(meta: { url: string }, fn: (...args: A) => R, name?: string): Task<A, R> {
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
  if (known?.fn === fn && known.url === url && known.name === (name ?? fn.name)) return fn as Task<A, R>;
  const loading = noteLoading();
  const own = name ?? fn.name;
  const called = own === "" ? nameByPlace(url) : own;
  const place = addLocalTask(url, called, fn, loading);
  const namedBy = own === "" ? "place" : name === undefined ? "function" : "caller";
  return mark(fn, { url, name: called, source: undefined, fn, place, namedBy }) as Task<A, R>;
}

/** Returns what another worker needs to find the function of a task. */
export function addressOf({ url, name, source, fn, place, namedBy }: Definition): TaskAddress {
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
