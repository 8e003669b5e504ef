/**
 * The reasons why a pool breaks.
 *
 * @module
 */

import { InvalidStateError } from "../../core/errors.ts";
import { runtime, StartError } from "../../runtime/mod.ts";
import type { HostExit } from "../../runtime/types.ts";
import { lossError } from "./exits.ts";

/** The message and the cause of the errors of a broken pool. */
export interface BreakReason {
  readonly message: string;
  readonly cause: unknown;
  /** Creates the error that pending tasks reject with, if it is not a BrokenExecutorError. */
  readonly error?: (() => unknown) | undefined;
  /** The class of the error that pending tasks reject with, if it is not a BrokenExecutorError. */
  readonly Failure?: typeof InvalidStateError;
  /** Whether the program terminated the pool: then its tasks were aborted, and have not failed. */
  readonly told?: boolean;
}

/** The initializer of a worker failed. */
export function setupFailed(cause: unknown): BreakReason {
  return { message: `its initializer failed: ${messageOf(cause)}`, cause };
}

/** A worker cannot load the program. A missing guard is the caller's mistake and has an error class of its own. */
export function programRefused(cause: unknown): BreakReason {
  const message = `its workers cannot load the program: ${messageOf(cause)}`;
  if (cause instanceof InvalidStateError) return { message, cause, Failure: InvalidStateError };
  return { message: `${message} (put code that is not for workers under 'if (isMainThread) { ... }')`, cause };
}

/** No worker can be started. */
export function startFailed(error: unknown): BreakReason {
  if (!(error instanceof StartError)) return { message: `its workers cannot be started: ${error}`, cause: error };
  const { flags, message, cause } = error;
  const what = flags.length > 0 ? "it is not permitted to start workers" : "its workers cannot be started";
  return { message: `${what}: ${message}`, cause };
}

/**
 * Workers die before they have completed a task. Returns undefined if the pool may continue.
 *
 * @param deaths the number of deaths in a row, and their limit.
 */
export function workersDied(
  [deaths, limit]: readonly [number, number],
  how: string,
  exit: HostExit,
  starting: boolean,
): BreakReason | undefined {
  const cause = exit.error ?? lossError(`A worker died: ${how}`, exit);
  const flags = starting ? runtime.missingPermissions(exit.error) : [];
  if (flags.length > 0) {
    return { message: `its workers may not load their modules: run with ${flags.join(" ")}`, cause };
  }
  if (deaths < limit) return undefined;
  const who = deaths === 1 ? "its worker" : `${deaths} workers in a row`;
  return { message: `${who} died before completing a task: ${how}`, cause };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
