/**
 * Futures that are done while their task still runs: an abort or a time limit rejects at once, and the task has its grace
 * to end.
 *
 * @module
 */

import type { Future } from "./future.ts";

/** Each such future, and the callbacks for the end of its task. No other future costs anything here. */
const unfinished = new WeakMap<Future<unknown>, (() => void)[]>();

/** Notes that a future is about to be rejected while its task runs. To be called first, as the rejection calls back. */
export function markUnfinished(future: Future<unknown>): void {
  if (!unfinished.has(future)) unfinished.set(future, []);
}

/** Notes that the task of a future has ended, or that its worker is gone. */
export function markFinished(future: Future<unknown>): void {
  const callbacks = unfinished.get(future);
  if (callbacks === undefined) return;
  unfinished.delete(future);
  for (const callback of callbacks) callback();
}

/** Whether a future that is done has a task that still runs. */
export function isUnfinished(future: Future<unknown>): boolean {
  return unfinished.has(future);
}

/** Calls back once the task of a future that is done no longer runs; at once if that is so. */
export function whenFinished(future: Future<unknown>, fn: () => void): void {
  const callbacks = unfinished.get(future);
  if (callbacks === undefined) fn();
  else callbacks.push(fn);
}
