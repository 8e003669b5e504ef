/**
 * Checks arguments. A failed check throws the built-in error for the kind of mistake; its message ends with the invalid
 * value.
 *
 * @module
 */

import { otherCopyOf } from "./copy.ts";
import { nearest } from "./nearest.ts";

/** Returns a short description of any value for an error message; never throws. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? value.slice(0, 60) + "..." : value);
  if (typeof value === "bigint") return `${value}n`;
  try {
    if (typeof value === "function") return value.name === "" ? "a function" : `function ${value.name}`;
    if (typeof value === "object" && value !== null) {
      const copy = otherCopyOf(value);
      if (copy !== undefined) return `an object of ${copy}`;
      return Array.isArray(value) ? "an array" : "an object";
    }
  } catch {
    // The value is a revoked proxy, or a function whose name is not a string.
    return `an unreadable ${typeof value}`;
  }
  return String(value);
}

/** Checks that a value is an integer from `min` to `max`. */
export function checkInteger(what: string, value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== "number") throw new TypeError(`${what} must be a number: current value is ${show(value)}`);
  if (!Number.isInteger(value) || value < min || value > max) {
    const range = max === Number.MAX_SAFE_INTEGER
      ? `an integer of at least ${min}`
      : `an integer from ${min} to ${max}`;
    throw new RangeError(`${what} must be ${range}: current value is ${show(value)}`);
  }
  return value;
}

/** Checks that a value is a duration in milliseconds: zero, positive or Infinity. */
export function checkDuration(what: string, value: unknown): number {
  if (typeof value !== "number") throw new TypeError(`${what} must be a number of ms: current value is ${show(value)}`);
  if (!(value >= 0)) throw new RangeError(`${what} must be 0 ms or more: current value is ${show(value)}`);
  return value;
}

/**
 * Checks the shortest and the longest of growing delays, in milliseconds; messages about a member begin with `what`.
 */
export function checkDelays(what: (member: string) => string, minDelay: unknown, maxDelay: unknown): void {
  const [min, max] = [checkDuration(what("minDelay"), minDelay), checkDuration(what("maxDelay"), maxDelay)];
  if (min <= max) return;
  throw new RangeError(`${what("minDelay")} must not be above 'maxDelay', ${max}: current value is ${min}`);
}

/** Checks that a value is a number from 0 to 1. */
export function checkFraction(what: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  const Wrong = typeof value === "number" ? RangeError : TypeError;
  throw new Wrong(`${what} must be a number from 0 to 1: current value is ${show(value)}`);
}

/** Checks that a value is an AbortSignal or undefined. */
export function checkSignal(what: string, value: unknown): AbortSignal | undefined {
  if (value === undefined || value instanceof AbortSignal) return value;
  throw new TypeError(`${what} must be an AbortSignal: current value is ${show(value)}`);
}

/** Checks that a value is one of the allowed strings. */
export function checkOneOf<T extends string>(what: string, value: unknown, allowed: readonly T[]): T {
  if (allowed.includes(value as T)) return value as T;
  const list = allowed.map((name) => `"${name}"`).join(", ");
  throw new TypeError(`${what} must be one of ${list}: current value is ${show(value)}${meant(value, allowed)}`);
}

/** Checks that a value is `word`, or an integer from `min` to `max`. */
export function checkIntegerOr<T extends string>(
  what: string,
  word: T,
  value: unknown,
  min: number,
  max?: number,
): number | T {
  if (value === word) return word;
  if (typeof value === "number") return checkInteger(what, value, min, max);
  throw new TypeError(
    `${what} must be "${word}" or a number: current value is ${show(value)}${meant(value, [word])}`,
  );
}

function meant(value: unknown, allowed: readonly string[]): string {
  const name = typeof value === "string" ? nearest(value, allowed) : undefined;
  return name === undefined ? "" : `, did you mean "${name}"?`;
}

/** Checks that a value is a function. */
export function checkFunction(what: string, value: unknown): void {
  if (typeof value !== "function") throw new TypeError(`${what} must be a function: current value is ${show(value)}`);
}
