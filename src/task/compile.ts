/**
 * Compiles functions from source text.
 *
 * @module
 */

/**
 * Compiles a function from its source text.
 *
 * @throws {SyntaxError} if the source is not an expression, or is a class.
 */
export function compile(source: string): (...args: unknown[]) => unknown {
  if (/^class\b/.test(source)) throw new SyntaxError("Cannot compile a class: it cannot be called");
  return new Function(KEEPER, `"use strict"; return (${source}\n)`)(keepName);
}

/**
 * The name of the helper with which some build tools wrap functions to keep their names: `__name`, or its minified
 * name.
 */
const KEEPER: string = /\breturn\s*(?!function\b)([\w$]+)\(/.exec(named.toString())?.[1] ?? "__name";

function keepName(fn: object, value: string): object {
  return Object.defineProperty(fn, "name", { value, configurable: true });
}

/** A nested function that shows whether the build tool wraps functions. */
function named(): () => void {
  return function inner() {};
}
