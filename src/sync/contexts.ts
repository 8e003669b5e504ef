/**
 * Async contexts as owners of reentrant locks.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import type { ContextStore } from "../runtime/types.ts";

let store: ContextStore<number> | undefined;
let latest = 0;
const numbers = new WeakMap<object, number>();

/** The async context of the caller; 0 outside of any. */
export function currentContext(): number {
  return store?.getStore() ?? 0;
}

/** Runs a function in a context of its own. */
export function inNewContext<R>(fn: () => R): R {
  store ??= runtime.contextStore<number>();
  return store.run(++latest, fn);
}

/** Runs a function in the context that belongs to an object. */
export function inContextOf<R>(owner: object, fn: () => R): R {
  store ??= runtime.contextStore<number>();
  let number = numbers.get(owner);
  if (number === undefined) numbers.set(owner, number = ++latest);
  return store.run(number, fn);
}
