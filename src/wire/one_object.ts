/**
 * Maps ids to objects that represent the same thing in several threads, one object in each thread.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";

const ids = new WeakMap<object, string>();
const known = new Map<string, WeakRef<object>>();
const forgotten = new FinalizationRegistry<string>((id) => {
  // Another object may have been stored under this id before this callback ran.
  if (known.get(id)?.deref() === undefined) known.delete(id);
});

/** Returns the id of an object, which is valid in all threads. */
export function identify(handle: object): string {
  let id = ids.get(handle);
  if (id === undefined) remember(handle, id = runtime.uniqueId());
  return id;
}

/** Returns this thread's object with an id, or undefined. */
export function findObject(id: string): object | undefined {
  return known.get(id)?.deref();
}

/** Stores an object under an id. */
export function remember(handle: object, id: string): void {
  ids.set(handle, id);
  known.set(id, new WeakRef(handle));
  forgotten.register(handle, id);
}
