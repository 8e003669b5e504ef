/**
 * Which worker the running code is in.
 *
 * @module
 */

/** A worker, as the code that runs in it sees it. */
export interface CurrentWorker {
  /** Its number in its pool, from 1. */
  readonly id: number;
  /** What it is. */
  readonly kind: "thread" | "process";
  /** Its name. */
  readonly name?: string;
}

let worker: CurrentWorker | undefined;

/** Says which worker this is. */
export function becomeWorker(told: CurrentWorker): void {
  worker = told;
}

/**
 * Returns which worker the calling code is in, also while the modules of its tasks load; undefined in the program itself and in tasks of
 * an `InlineExecutor`.
 *
 * @example Make something that each worker has of its own
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
