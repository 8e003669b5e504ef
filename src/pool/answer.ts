/**
 * A worker's answer to a task.
 *
 * @module
 */

import type { Outcome } from "../futures/results.ts";
import * as op from "../wire/message.ts";
import type { IncomingMessage } from "../wire/message.ts";

/** How a task has ended, and how long it took, in milliseconds. */
export interface Answer {
  readonly id: number;
  /** Time in the task. */
  readonly runTime: number;
  /** Time at the worker, waiting included. */
  readonly heldTime: number;
  /** Time before the task first waited. */
  readonly syncTime: number;
  readonly outcome: Outcome;
}

/** Reads the record of a task that has ended. A value that does not decode is the error of its task. */
export function readAnswer(message: IncomingMessage, operation: number): Answer {
  const { reader } = message;
  const id = reader.u32();
  const runTime = reader.f64();
  const heldTime = reader.f64();
  const syncTime = reader.f64();
  const outcome = operation === op.CHUNK_DONE ? readChunk(message) : readOutcome(message, operation);
  return { id, runTime, heldTime, syncTime, outcome };
}

function readOutcome(message: IncomingMessage, operation: number): Outcome {
  try {
    const value = message.value();
    return operation === op.DONE ? { value } : { error: value };
  } catch (error) {
    return { error };
  }
}

/** The outcomes of a chunk are its value, even if the last of them is an error. */
function readChunk(message: IncomingMessage): Outcome {
  const outcomes: Outcome[] = [];
  for (let left = message.reader.u32(); left > 0; left--) outcomes.push(readOutcome(message, op.DONE));
  if (message.reader.u8() === 1) outcomes.push(readOutcome(message, op.FAILED));
  return { value: outcomes };
}
