/**
 * The stack frames of errors.
 *
 * V8 keeps the frames of an error, with the `this` of each, until the error's `stack` is read. An error that is kept would keep
 * alive whatever has made it, such as the thread whose result it is.
 *
 * @module
 */

/** Makes an error without frames, as its stack is replaced. */
export function withoutFrames<E extends Error>(make: () => E): E {
  const { stackTraceLimit } = Error as { stackTraceLimit?: number };
  // A program may have frozen it, which then is no reason to throw.
  Reflect.set(Error, "stackTraceLimit", 0);
  try {
    return make();
  } finally {
    Reflect.set(Error, "stackTraceLimit", stackTraceLimit);
  }
}

/** Has the frames of an error and of its causes written out, so that the error keeps nothing but itself alive. */
export function releaseFrames(error: unknown, seen: Set<unknown> = new Set()): void {
  if (!(error instanceof Error) || seen.has(error)) return;
  seen.add(error);
  try {
    void error.stack;
    releaseFrames(error.cause, seen);
    if (error instanceof AggregateError) { for (const each of error.errors) releaseFrames(each, seen); }
  } catch {
    // An error with getters of its own keeps what it likes.
  }
}
