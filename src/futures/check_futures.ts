/**
 * Checks the futures given to `wait` and `asCompleted`.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { Future } from "./future.ts";

/**
 * Returns the futures without duplicates; messages begin with `what`, such as "Cannot wait".
 *
 * @throws {TypeError} if `futures` is not iterable, or contains anything but futures.
 */
export function checkFutures<F extends Future<unknown>>(what: string, futures: Iterable<F>): Set<F> {
  if (typeof (futures as { [Symbol.iterator]?: unknown } | null | undefined)?.[Symbol.iterator] !== "function") {
    throw new TypeError(`${what} as 'futures' must be iterable: current value is ${show(futures)}`);
  }
  const all = new Set(futures);
  for (const future of all) {
    if (future instanceof Future) continue;
    throw new TypeError(`${what} as 'futures' must contain only futures: current value is ${show(future)}`);
  }
  return all;
}
