/**
 * A worker's answer to a task.
 *
 * @module
 */

import type { Outcome } from "../futures/results.ts";
import * as op from "../wire/message.ts";
import type { IncomingMessage } from "../wire/message.ts";

/** Reads how a task has ended. A value that does not decode is the error of its task. */
export function readOutcome(message: IncomingMessage, operation: number): Outcome {
  return operation === op.CHUNK_DONE ? readChunk(message) : readOne(message, operation);
}

function readOne(message: IncomingMessage, operation: number): Outcome {
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
  for (let left = message.reader.u32(); left > 0; left--) outcomes.push(readOne(message, op.DONE));
  if (message.reader.u8() === 1) outcomes.push(readOne(message, op.FAILED));
  return { value: outcomes };
}
