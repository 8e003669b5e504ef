/**
 * Where a task was submitted, for the stack of its error.
 *
 * @module
 */

/** The stack of a submission; engines write it out only when it is read. */
export interface Caller {
  readonly stack?: string;
}

/** Taking a stack costs a microsecond, so that a loop which submits thousands in a turn shares those of the first few. */
const PER_TURN = 16;

let taken = 0;
let last: Caller = {};

/** Returns the stack above a function. */
export function captureCaller(above: (...args: never[]) => unknown): Caller {
  if (taken >= PER_TURN) return last;
  if (taken++ === 0) queueMicrotask(() => taken = 0);
  last = {};
  (Error as { captureStackTrace?(target: object, above: unknown): void }).captureStackTrace?.(last, above);
  return last;
}

/** Adds the frames of the caller below those of the worker. */
export function appendCaller(error: unknown, caller: Caller | undefined): void {
  if (!(error instanceof Error) || caller?.stack === undefined) return;
  const firstLine = caller.stack.indexOf("\n");
  if (firstLine === -1) return;
  const frames = caller.stack.slice(firstLine + 1);
  try {
    const stack = `${error.stack ?? ""}\n    at --- submitted from ---\n${frames}`;
    Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true, enumerable: false });
  } catch {
    // A frozen error keeps the stack it has.
  }
}
