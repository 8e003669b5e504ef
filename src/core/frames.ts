/**
 * Releases the stack frames of errors.
 *
 * V8 keeps the frames of an error, with the `this` of each, until the error's `stack` is read. A retained error would
 * keep those objects alive, such as the thread whose result it is.
 *
 * @module
 */

/** Makes an error without stack frames; the caller replaces the stack. */
export function withoutFrames<E>(make: () => E): E {
  const { stackTraceLimit } = Error as { stackTraceLimit?: number };
  // `Reflect.set` does not throw if the program has frozen the property.
  Reflect.set(Error, "stackTraceLimit", 0);
  try {
    return make();
  } finally {
    Reflect.set(Error, "stackTraceLimit", stackTraceLimit);
  }
}

/** Formats the stacks of an error and its causes, so that V8 releases their frames. */
export function releaseFrames(error: unknown, seen: Set<unknown> = new Set()): void {
  if (!(error instanceof Error) || seen.has(error)) return;
  seen.add(error);
  try {
    void error.stack;
    releaseFrames(error.cause, seen);
    if (error instanceof AggregateError) { for (const each of error.errors) releaseFrames(each, seen); }
  } catch {
    // A getter of the error threw; its frames stay.
  }
}
