/**
 * Determines the number of threads that can run at once.
 *
 * @module
 */

import os from "node:os";

/**
 * Returns the number of threads that can run at once; 1 if the host does not report it.
 *
 * `navigator.hardwareConcurrency` is the tempting source. But some versions of Node lack it, and test environments
 * replace `navigator`. Deno's implementation of the default reads it anyway.
 */
export function parallelism(available: (() => unknown) | undefined = os.availableParallelism): number {
  try {
    const count = available?.();
    return typeof count === "number" && Number.isSafeInteger(count) && count >= 1 ? count : 1;
  } catch {
    return 1;
  }
}
