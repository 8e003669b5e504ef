/**
 * Reads a worker's answer to a task.
 *
 * @module
 */

import type { Outcome } from "../../futures/source.ts";
import * as op from "../../wire/message.ts";
import { type IncomingMessage, MalformedMessage } from "../../wire/message.ts";

/** A value of a message, or the error of decoding it. */
export interface ReadValue {
  readonly value?: unknown;
  readonly error?: unknown;
}

/**
 * Reads the outcome of a task. If a value cannot be decoded, the error of decoding is the outcome.
 *
 * @param items maximum number of results in a chunk; 0 for a task that is not a chunk.
 * @throws {MalformedMessage} if the message holds no such value.
 */
export function readOutcome(message: IncomingMessage, operation: number, items: number): Outcome {
  if (operation === op.CHUNK_DONE) return readChunk(message, items);
  if (items > 0 && operation === op.DONE) throw new MalformedMessage("Cannot read a single result for a chunk");
  return readOne(message, operation);
}

/**
 * Reads a value.
 *
 * @throws {MalformedMessage} if the message holds no value.
 */
export function readValue(message: IncomingMessage): ReadValue {
  try {
    return { value: message.value() };
  } catch (error) {
    if (error instanceof MalformedMessage) throw error;
    return { error };
  }
}

/** Reads an error, or returns the error of decoding it. */
export function readError(message: IncomingMessage): unknown {
  const { value, error = value } = readValue(message);
  return error;
}

function readOne(message: IncomingMessage, operation: number): Outcome {
  const read = readValue(message);
  // If decoding failed, the result already is an error.
  return operation === op.DONE || "error" in read ? read as Outcome : { error: read.value };
}

/** The outcomes of a chunk are its value, even if the last one is an error. */
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
