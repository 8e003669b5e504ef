/**
 * One object in each thread for what is the same in all of them.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";

const ids = new WeakMap<object, string>();
const known = new Map<string, WeakRef<object>>();
const forgotten = new FinalizationRegistry<string>((id) => {
  // Another object may have come in its place before this was called.
  if (known.get(id)?.deref() === undefined) known.delete(id);
});

/** Returns the name of an object in all threads. */
export function identify(handle: object): string {
  let id = ids.get(handle);
  if (id === undefined) remember(handle, id = runtime.uniqueId());
  return id;
}

/** Finds the object of a name, if this thread has it. */
export function findObject(id: string): object | undefined {
  return known.get(id)?.deref();
}

/** Notes that an object is the one of a name. */
export function remember(handle: object, id: string): void {
  ids.set(handle, id);
  known.set(id, new WeakRef(handle));
  forgotten.register(handle, id);
}
