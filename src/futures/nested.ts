/**
 * Nested waits: tasks that wait for other tasks.
 *
 * @module
 */

import { current } from "../task/current.ts";
import type { FutureSource } from "./source.ts";

/** The context of a task that may wait for other tasks. */
export interface NestedWaitContext {
  /**
   * Frees the place of the task for others until the returned function is called.
   *
   * @param on the work that the task waits for, if it waits for a single future.
   * @throws {DeadlockError} if that work waits for this task.
   */
  readonly beginNestedWait?: ((on: FutureSource | undefined) => () => void) | undefined;
}

/**
 * Starts a wait of the running code. If that code is a task of this loop, its place is free for other tasks until the
 * wait ends: the awaited work may need it.
 *
 * @returns a function that ends the wait, if there is a place to take back.
 * @throws {DeadlockError} if the awaited work waits for this task.
 */
export function startWait(on?: FutureSource): (() => void) | undefined {
  return (current() as NestedWaitContext | undefined)?.beginNestedWait?.(on);
}
