/**
 * A worker's answer to a task.
 *
 * @module
 */

import type { Outcome } from "../futures/results.ts";
import * as op from "../wire/message.ts";
import { type IncomingMessage, MalformedMessage } from "../wire/message.ts";

/** A value of a message, or the error that says why it does not decode. */
export interface ReadValue {
  readonly value?: unknown;
  readonly error?: unknown;
}

/**
 * Reads how a task has ended. A value that does not decode is the error of its task.
 *
 * @param items how many results a chunk may have; 0 if the task is none.
 * @throws {MalformedMessage} if there is no such value.
 */
export function readOutcome(message: IncomingMessage, operation: number, items: number): Outcome {
  if (operation === op.CHUNK_DONE) return readChunk(message, items);
  if (items > 0 && operation === op.DONE) throw new MalformedMessage("Cannot read one result for a chunk of them");
  return readOne(message, operation);
}

/**
 * Reads a value.
 *
 * @throws {MalformedMessage} if there is none.
 */
export function readValue(message: IncomingMessage): ReadValue {
  try {
    return { value: message.value() };
  } catch (error) {
    if (error instanceof MalformedMessage) throw error;
    return { error };
  }
}

/** Reads an error; that of a value that does not decode is as good. */
export function readError(message: IncomingMessage): unknown {
  const { value, error = value } = readValue(message);
  return error;
}

function readOne(message: IncomingMessage, operation: number): Outcome {
  const read = readValue(message);
  // What does not decode has an error already.
  return operation === op.DONE || "error" in read ? read as Outcome : { error: read.value };
}

/** The outcomes of a chunk are its value, even if the last of them is an error. */
function readChunk(message: IncomingMessage, items: number): Outcome {
  const count = message.reader.u32();
  if (count > items) throw new MalformedMessage(`Cannot read ${count} results for a chunk of ${items}`);
  const outcomes: Outcome[] = [];
  for (let left = count; left > 0; left--) outcomes.push(readOne(message, op.DONE));
  const failed = message.reader.u8() === 1;
  if (!failed && count < items) throw new MalformedMessage(`Cannot read ${count} results for a chunk of ${items}`);
  if (failed) outcomes.push(readOne(message, op.FAILED));
  return { value: outcomes };
}
