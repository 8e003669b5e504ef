/**
 * Captures the stack of a submission, for the stack of the task's error.
 *
 * @module
 */

import { BUNDLED } from "../../core/bundled.ts";
import { BrokenExecutorError } from "../../core/errors.ts";
import { now } from "../../time/system_clock.ts";

/** The stack of a submission. Engines format the stack only when it is read. */
export interface Caller {
  readonly stack?: string | undefined;
}

/**
 * Number of stacks taken per millisecond. Taking one costs microseconds, so a loop that submits thousands of tasks
 * shares the first few.
 */
const PER_MILLISECOND = 8;
/** The address of this library, whose frames are left out. In a bundle they cannot be told from the caller's. */
const OURS: string | undefined = BUNDLED ? undefined : new URL("..", import.meta.url).href.replace(/^file:\/\//, "");

let taken = 0;
let millisecond = 0;
/** The shared stack, for this turn. After the turn only its tasks keep it, as its frames keep their pool alive. */
let last: Caller | undefined;
let shared: WeakRef<Caller> | undefined;

/** Returns the stack of the caller of this library. */
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
  // `Error.captureStackTrace` could omit the frames of this library, but takes twice as long.
  last = new Error();
  if (taken >= PER_MILLISECOND) shared = new WeakRef(last);
  return last;
}

/** Releases the shared stack at the end of the turn. */
export function releaseCaller(): void {
  last = undefined;
}

/** Appends the frames of the caller to those of the worker. */
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
    // A frozen error keeps its stack.
  }
}

/**
 * Whether the program has no file descriptors left. Deno needs one to format a stack, and ends the program without it.
 */
function lacksDescriptors(error: Error): boolean {
  if (!(error instanceof BrokenExecutorError)) return false;
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return code === "EMFILE" || code === "ENFILE";
}
