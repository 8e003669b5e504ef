/**
 * Stops actors when their program, or the worker that has made them, ends.
 *
 * @module
 */

import { runtime } from "../../runtime/mod.ts";
import { disposeAtEnd } from "../../worker/disposal.ts";

/** Stops the actors that were started and have not ended. */
const living = new Set<() => Promise<void>>();
let stopListening: (() => void) | undefined;

/** Has an actor stopped at the end of the program or worker; returns a function that takes this back. */
export function stopAtEnd(stop: () => Promise<void>): () => void {
  if (runtime.worker !== undefined) return disposeAtEnd(stop);
  living.add(stop);
  stopListening ??= runtime.onIdle(() => living.forEach((each) => void each()));
  return () => {
    living.delete(stop);
    if (living.size > 0) return;
    stopListening?.();
    stopListening = undefined;
  };
}
