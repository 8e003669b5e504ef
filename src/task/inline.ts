/**
 * Makes tasks of self-contained functions.
 *
 * @module
 */

import { checkFunction } from "../core/check.ts";
import { compile } from "./compile.ts";
import { mark, type MoreThan, type Task } from "./task.ts";

/**
 * Makes a task of a self-contained function. Its source is sent to each worker once.
 *
 * The function sees its arguments and the global scope, but not the variables and imports around it. An
 * `InlineExecutor` calls the function itself, so they are visible there. `await import("...")` with an absolute URL
 * works inside the function.
 *
 * @typeParam A the arguments.
 * @typeParam R the result.
 * @typeParam F the function's own type; see {@linkcode task} for generic and overloaded functions.
 * @param fn an arrow function or function expression.
 * @throws {TypeError} if `fn` has no source to send: a method, a class, a bound or built-in function.
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
export function inline<A extends unknown[], R, F extends (...args: A) => R = (...args: A) => R>(
  fn: F & ((...args: A) => R),
): MoreThan<A, R, F> & Task<A, R> {
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
  return mark((...args: A) => fn(...args), { url, name: fn.name || "anonymous", source, fn }) as never;
}
