/**
 * How much can run at once.
 *
 * @module
 */

import os from "node:os";

/**
 * How many threads can run at once; 1 if the host does not say.
 *
 * `navigator.hardwareConcurrency` is the tempting source: Node may be without it, and the environments of test runners bring
 * a `navigator` of their own. Deno asks the `navigator` all the same.
 */
export function parallelism(available: (() => unknown) | undefined = os.availableParallelism): number {
  try {
    const count = available?.();
    return typeof count === "number" && Number.isSafeInteger(count) && count >= 1 ? count : 1;
  } catch {
    return 1;
  }
}
