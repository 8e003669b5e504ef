/**
 * The natural order of numbers, strings and tuples.
 *
 * @module
 */

import { show } from "../core/check.ts";

/**
 * Checks that a value can be ordered: a number, a string, a bigint, or a tuple that begins with such a value. The rest
 * of a tuple may be anything but NaN, as it may never be compared.
 */
export function checkOrderable(item: unknown): void {
  if (typeof item === "number" ? item === item : typeof item === "string" || typeof item === "bigint") return;
  if (!Array.isArray(item)) {
    throw new TypeError(
      `Cannot put as 'item' must be a number, a string, a bigint or a tuple of them if there is no 'compare': ` +
        `current value is ${show(item)}`,
    );
  }
  if (item.length > 0) checkOrderable(item[0]);
  if (item.includes(NaN)) throw new TypeError("Cannot put as 'item' must not contain NaN: current value is NaN");
}

/**
 * Compares two values: numbers and bigints by size, strings by code units, tuples item by item and then by length.
 * Identical values are equal.
 *
 * @throws {TypeError} if the values cannot be compared.
 */
export function compareNaturally(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (isNumeric(a) ? isNumeric(b) : typeof a === "string" && typeof b === "string") {
    if (a! < b!) return -1;
    if (a! > b!) return 1;
    // A bigint and a number, or NaN.
    if (a! >= b!) return 0;
  } else if (Array.isArray(a) && Array.isArray(b)) {
    const length = Math.min(a.length, b.length);
    for (let i = 0; i < length; i++) {
      const order = compareNaturally(a[i], b[i]);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }
  throw new TypeError(
    `Cannot put as 'item' must be comparable with ${show(a)} in the queue: current value is ${show(b)}`,
  );
}

function isNumeric(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}
