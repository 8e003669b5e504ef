/**
 * Tasks without a module.
 *
 * @module
 */

import { checkFunction } from "../core/check.ts";
import { mark, type Task } from "./task.ts";

/**
 * Makes a task of a self-contained function. Its source is sent to each worker once.
 *
 * The function sees its arguments and what every module sees; variables and imports around it are not there, except in
 * an `InlineExecutor`, which calls the function itself. Inside, `await import("...")` with an absolute address works.
 *
 * @param fn an arrow function or function expression.
 * @throws {TypeError} if there is no source to send: a method, a class, a bound or built-in function.
 *
 * @example Square numbers on a thread
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline, ThreadPoolExecutor } from "@heddle/heddle";
 *
 * const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
 * assertEquals(await pool.map(inline((n: number) => n * n), [1, 2, 3]), [1, 4, 9]);
 * await pool.shutdown();
 * ```
 */
export function inline<A extends unknown[], R>(fn: (...args: A) => R): Task<A, R> {
  checkFunction("Cannot make an inline task as 'fn'", fn);
  const source = Function.prototype.toString.call(fn);
  try {
    compile(source);
  } catch (error) {
    throw new TypeError(
      `Cannot make an inline task of '${fn.name}': pass an arrow function or a function expression`,
      { cause: error },
    );
  }
  const url = "inline:" + (fn.name || "anonymous");
  return mark(((...args: A) => fn(...args)) as typeof fn, { url, name: fn.name || "anonymous", source, fn }) as Task<
    A,
    R
  >;
}

/**
 * Makes a function of its source.
 *
 * @throws {SyntaxError} if it is not an expression.
 */
export function compile(source: string): (...args: unknown[]) => unknown {
  if (/^class\b/.test(source)) throw new SyntaxError("A class is not a function to call");
  return new Function(KEEPER, `"use strict"; return (${source}\n)`)(keepName);
}

/** Some build tools wrap functions in a call of a helper to keep their names: `__name`, or what a minifier made of it. */
const KEEPER: string = /\breturn\s*(?!function\b)([\w$]+)\(/.exec(named.toString())?.[1] ?? "__name";

function keepName(fn: object, value: string): object {
  return Object.defineProperty(fn, "name", { value, configurable: true });
}

/** Shows what the build tool does with such functions. */
function named(): () => void {
  return function inner() {};
}
