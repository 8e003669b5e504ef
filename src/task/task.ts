/**
 * Functions that can run elsewhere.
 *
 * @module
 */

import { checkFunction, show } from "../core/check.ts";

/** The mark of a task. Registered, so that two copies of this library know each other's tasks. */
const MARK: unique symbol = Symbol.for("heddle.task") as never;

/** A function that an executor can run in place, on a thread or in a process. */
export interface Task<A extends unknown[], R> {
  (...args: A): R;
  /** The module that exports it; for an inline task, the address of its source. */
  readonly url: string;
  /** The name it is exported under. */
  readonly name: string;
}

/** How a worker finds the function of a task. */
export interface Definition {
  readonly url: string;
  readonly name: string;
  /** The source of an inline task. */
  readonly source: string | undefined;
  /** The function itself, where it is loaded. */
  readonly fn: ((...args: never[]) => unknown) | undefined;
}

/**
 * Makes a task of a function that its module exports under the same name.
 *
 * The worker imports the module and calls the export, so whatever the module does when it is loaded happens in the
 * worker too: a program that opens pools should do so under `if (import.meta.main)` if it also holds tasks. The task
 * stays callable in place.
 *
 * @param meta `import.meta` of the module.
 * @param fn the function; its name is the name of the export.
 * @param name the name of the export, if the function has another name or none.
 * @throws {TypeError} if there is no module address, no function or no name.
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
    throw new TypeError(`Cannot make a task as 'meta' must be import.meta: current value is ${show(meta)}`);
  }
  checkFunction("Cannot make a task as 'fn'", fn);
  const exported = name ?? fn.name;
  if (typeof exported !== "string" || exported === "") {
    throw new TypeError("Cannot make a task of a function without a name: name it as it is exported, or pass 'name'");
  }
  return mark(fn, { url, name: exported, source: undefined, fn }) as Task<A, R>;
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
