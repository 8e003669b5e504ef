/**
 * What a thread does before it blocks.
 *
 * @module
 */

const calls = new Set<() => void>();

/**
 * Has a function called before every wait that blocks this thread, and again while the wait goes on: what needs the loop of
 * the thread stands still meanwhile.
 *
 * @returns what takes it back.
 */
export function beforeBlock(fn: () => void): () => void {
  calls.add(fn);
  return () => void calls.delete(fn);
}

/** Calls those functions: this thread is about to block. */
export function tellBeforeBlock(): void {
  if (calls.size > 0) { for (const call of calls) call(); }
}
