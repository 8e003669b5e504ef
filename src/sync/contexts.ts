/**
 * Async contexts as owners of reentrant locks.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import type { ContextStore } from "../runtime/types.ts";

/** What `run` opens, within another one or within none. */
export interface Context {
  readonly number: number;
  readonly outer: Context | undefined;
  /** Whether it belongs to another process, so that nothing here is around it. */
  readonly foreign: boolean;
}

let store: ContextStore<Context> | undefined;
let latest = 0;
const numbers = new WeakMap<object, number>();

/** The async context of the caller; undefined outside of any. */
export function innermostContext(): Context | undefined {
  return store?.getStore();
}

/** The number of the outermost context of the caller, which is all that another process knows; 0 outside of any. */
export function currentContext(): number {
  let at = innermostContext();
  while (at?.outer !== undefined) at = at.outer;
  return at?.number ?? 0;
}

/** Whether a context is the one of that number or within it. Number 0 is the thread, around all that is its own. */
export function isWithin(context: Context | undefined, number: number): boolean {
  for (let at = context; at !== undefined; at = at.outer) {
    if (at.number === number) return true;
    if (at.foreign) return false;
  }
  return number === 0;
}

/** Runs a function in a context of its own. */
export function inNewContext<R>(fn: () => R): R {
  store ??= runtime.contextStore<Context>();
  return store.run({ number: ++latest, outer: store.getStore(), foreign: false }, fn);
}

/** Runs a function in the context that belongs to an object. */
export function inContextOf<R>(owner: object, fn: () => R): R {
  store ??= runtime.contextStore<Context>();
  let number = numbers.get(owner);
  if (number === undefined) numbers.set(owner, number = ++latest);
  return store.run({ number, outer: undefined, foreign: true }, fn);
}
