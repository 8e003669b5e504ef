/**
 * How a failure is kept at the server: a line for people, a newline, and the error itself.
 *
 * @module
 */

import type { Codec } from "./codec.ts";

/** What a failed job says. */
export interface Failure {
  readonly error: unknown;
  /** What earlier attempts have failed with. */
  readonly earlier: readonly unknown[];
  /** Whether the task was told to stop. */
  readonly stopped: boolean;
}

/** The longest line for people. */
const LONGEST_LINE = 200;

/** Returns the reason of a failed job. */
export function writeFailure(codec: Codec, { error, earlier, stopped }: Failure): string {
  // Each on its own, as one that cannot travel as it is should not take the others along.
  const errors = [error, ...earlier].map((each) => codec.error(each));
  return `${lineOf(error)}\n${stopped ? "stopped" : "failed"} ${errors.join(" ")}`;
}

/**
 * Reads the reason of a failed job; undefined if the engine itself gave it.
 *
 * @throws {RangeError} if what is behind the line is not of this library.
 */
export function readFailure(codec: Codec, reason: string): Failure | undefined {
  const end = reason.indexOf("\n");
  if (end === -1) return undefined;
  const [kind, ...texts] = reason.slice(end + 1).split(" ");
  if ((kind !== "failed" && kind !== "stopped") || texts.length === 0) {
    throw new RangeError("Cannot read the reason of a failed job");
  }
  const [error, ...earlier] = texts.map((text) => codec.decode(text));
  return { error, earlier, stopped: kind === "stopped" };
}

/** What people read of an error. */
export function lineOf(error: unknown): string {
  let line: string;
  try {
    line = error instanceof Error || error instanceof DOMException ? `${error.name}: ${error.message}` : String(error);
  } catch {
    line = "an error that cannot be read";
  }
  return line.replace(/\s+/g, " ").slice(0, LONGEST_LINE);
}
