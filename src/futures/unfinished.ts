/**
 * Futures that are done while their task still runs: an abort or a timeout rejects at once, and the task has its grace
 * to end.
 *
 * @module
 */

import type { Future } from "./future.ts";

/** Each such future, and the callbacks for the end of its task. Other futures have no entry. */
const unfinished = new WeakMap<Future<unknown>, (() => void)[]>();

/**
 * Marks a future that is about to be rejected while its task runs. Must be called before the rejection, which calls
 * back.
 */
export function markUnfinished(future: Future<unknown>): void {
  if (!unfinished.has(future)) unfinished.set(future, []);
}

/** Marks the end of a future's task, or the loss of its worker. */
export function markFinished(future: Future<unknown>): void {
  const callbacks = unfinished.get(future);
  if (callbacks === undefined) return;
  unfinished.delete(future);
  for (const callback of callbacks) callback();
}

/** Whether a settled future has a task that still runs. */
export function isUnfinished(future: Future<unknown>): boolean {
  return unfinished.has(future);
}

/** Calls back once the task of a settled future no longer runs; at once if it does not run. */
export function whenFinished(future: Future<unknown>, fn: () => void): void {
  const callbacks = unfinished.get(future);
  if (callbacks === undefined) fn();
  else callbacks.push(fn);
}
