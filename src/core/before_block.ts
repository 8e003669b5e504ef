/**
 * Callbacks that run before this thread blocks.
 *
 * @module
 */

const calls = new Set<() => void>();

/**
 * Registers a function to be called before every wait that blocks this thread, and repeatedly during the wait. Work
 * that needs the event loop stops meanwhile.
 *
 * @returns a function that removes the callback.
 */
export function beforeBlock(fn: () => void): () => void {
  calls.add(fn);
  return () => void calls.delete(fn);
}

/** Calls the registered functions: this thread is about to block. */
export function tellBeforeBlock(): void {
  if (calls.size > 0) { for (const call of calls) call(); }
}
