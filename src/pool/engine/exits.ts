/**
 * Describes the ends of workers, in words and as errors.
 *
 * @module
 */

import { WorkerLostError } from "../../core/errors.ts";
import { withoutFrames } from "../../core/frames.ts";
import type { HostExit } from "../../runtime/types.ts";

/** Describes the end of a worker. */
export function describeExit({ code, signal, error }: HostExit): string {
  const detail = error instanceof Error ? ` (${error.message})` : "";
  return (signal !== undefined ? `it was killed by ${signal}` : `it ended with exit code ${code}`) + detail;
}

/** Describes a worker that was not ready in time. */
export function describeLate(
  { startTimeout, initializer }: {
    readonly startTimeout: number;
    readonly initializer: { readonly name: string; readonly url: string } | undefined;
  },
): string {
  const how = `it was not ready after ${startTimeout} ms`;
  return initializer === undefined ? how : `${how}, with its initializer '${initializer.name}' of ${initializer.url}`;
}

/** Creates the error for a lost worker. */
export function lossError(message: string, { code, signal, stderr, error }: HostExit): WorkerLostError {
  const options = error === undefined ? {} : { cause: error };
  return withoutFrames(() => new WorkerLostError(message, { exitCode: code, signal, stderr }, options));
}
