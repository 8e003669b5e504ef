/**
 * The worker of the running code.
 *
 * @module
 */

/** The worker of the calling code. */
export interface CurrentWorker {
  /** The worker's number in its pool, from 1. */
  readonly id: number;
  /** The kind of the worker. */
  readonly kind: "thread" | "process";
  /** The name of the worker. */
  readonly name?: string;
}

let worker: CurrentWorker | undefined;

/** Sets the worker of this thread. */
export function becomeWorker(told: CurrentWorker): void {
  worker = told;
}

/**
 * Returns the worker of the calling code, also while the modules of its tasks load; undefined in the main program and
 * in tasks of an `InlineExecutor`.
 *
 * @example Use a separate file in each worker
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { currentWorker } from "@heddle/heddle/task";
 *
 * const file = `log-${currentWorker()?.id ?? "main"}.txt`;
 * assertEquals(file, "log-main.txt");
 * ```
 */
export function currentWorker(): CurrentWorker | undefined {
  return worker;
}
