/**
 * Functions made of source text.
 *
 * @module
 */

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
