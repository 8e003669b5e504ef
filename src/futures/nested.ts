/**
 * Tasks that wait for other tasks.
 *
 * @module
 */

import { current } from "../task/current.ts";
import type { FutureSource } from "./future.ts";

/** The context of a task in whose place others may run while it waits. */
export interface Lender {
  /**
   * Lends the place of the task until the returned function is called.
   *
   * @param on the work that the task waits for, if it waits for one alone.
   * @throws {DeadlockError} if that work waits for this task.
   */
  readonly lend?: ((on: FutureSource | undefined) => () => void) | undefined;
}

/**
 * Says that the running code begins to wait. If it belongs to a task in this loop, the place of the task is lent to
 * others: what it waits for may need it.
 *
 * @returns what ends the wait, if there is a place to give back.
 * @throws {DeadlockError} if what it waits for waits for it.
 */
export function startWait(on?: FutureSource): (() => void) | undefined {
  return (current() as Lender | undefined)?.lend?.(on);
}
