/**
 * Where a task was submitted, for the stack of its error.
 *
 * @module
 */

import { BUNDLED } from "../core/bundled.ts";
import { BrokenExecutorError } from "../core/errors.ts";
import { now } from "../time/system_clock.ts";

/** The stack of a submission. Engines write it out only when it is read. */
export interface Caller {
  readonly stack?: string | undefined;
}

/** Taking a stack costs microseconds, so that a loop which submits thousands shares those of the first few. */
const PER_MILLISECOND = 8;
/** The frames of this library say nothing to the caller. In a bundle they cannot be told from the caller's. */
const OURS: string | undefined = BUNDLED ? undefined : new URL("..", import.meta.url).href.replace(/^file:\/\//, "");

let taken = 0;
let millisecond = 0;
/** The stack that is shared, for this turn; after it only its tasks keep it, as its frames keep its pool alive. */
let last: Caller | undefined;
let shared: WeakRef<Caller> | undefined;

/** Returns the stack of whoever called this library. */
export function captureCaller(): Caller {
  const time = Math.floor(now());
  if (time !== millisecond) {
    millisecond = time;
    taken = 0;
  } else if (taken >= PER_MILLISECOND) {
    last ??= shared?.deref();
    if (last !== undefined) return last;
  }
  taken++;
  // `Error.captureStackTrace` could leave out our frames, but takes twice as long.
  last = new Error();
  if (taken >= PER_MILLISECOND) shared = new WeakRef(last);
  return last;
}

/** The turn has ended. */
export function releaseCaller(): void {
  last = undefined;
}

/** Adds the frames of the caller below those of the worker. */
export function appendCaller(error: unknown, caller: Caller | undefined): void {
  if (!(error instanceof Error) || lacksDescriptors(error) || caller?.stack === undefined) return;
  const frames = caller.stack.split("\n").filter((line) =>
    /^\s*at /.test(line) && !(OURS !== undefined && line.includes(OURS))
  );
  if (frames.length === 0) return;
  try {
    const stack = `${error.stack ?? ""}\n    at --- submitted from ---\n${frames.join("\n")}`;
    Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true, enumerable: false });
  } catch {
    // A frozen error keeps the stack it has.
  }
}

/** Deno needs a descriptor to write a stack out, and ends the program if there is none. */
function lacksDescriptors(error: Error): boolean {
  if (!(error instanceof BrokenExecutorError)) return false;
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return code === "EMFILE" || code === "ENFILE";
}
