/**
 * The reason of a failed job: a line for people, a newline, and the encoded error.
 *
 * @module
 */

import type { Codec } from "./codec.ts";

/** The failure of a task. */
export interface Failure {
  readonly error: unknown;
  /** The errors of earlier attempts. */
  readonly earlier: readonly unknown[];
  /** Whether the task was aborted. */
  readonly stopped: boolean;
}

/** The most characters of the line for people. */
const LONGEST_LINE = 200;

/** Returns the reason of a failed job. */
export function writeFailure(codec: Codec, { error, earlier, stopped }: Failure): string {
  // Encoded one by one, so that an error that cannot travel does not affect the others.
  const errors = [error, ...earlier].map((each) => codec.error(each));
  return `${lineOf(error)}\n${stopped ? "stopped" : "failed"} ${errors.join(" ")}`;
}

/**
 * Reads the reason of a failed job; `undefined` for a reason of the engine itself.
 *
 * @throws {RangeError} if the text behind the line is not of this library.
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

/** The line of an error for people. */
export function lineOf(error: unknown): string {
  let line: string;
  try {
    line = error instanceof Error || error instanceof DOMException ? `${error.name}: ${error.message}` : String(error);
  } catch {
    line = "an error that cannot be read";
  }
  return line.replace(/\s+/g, " ").slice(0, LONGEST_LINE);
}
