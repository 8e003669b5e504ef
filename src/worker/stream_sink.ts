/**
 * Encodes the values of a stream, and results.
 *
 * @module
 */

import type { Packet } from "../wire/out_of_band.ts";
import type { ValueEncoder } from "../wire/encoder.ts";
import { kindOf } from "../wire/handles.ts";
import * as op from "../wire/message.ts";
import type { MessageWriter } from "../wire/message.ts";
import { detach } from "../wire/transfer.ts";
import { isSource, type ValueSink } from "./stream_run.ts";

/** Returns a sink that writes the values of the call with this number. */
export function streamSink(
  number: number,
  writer: MessageWriter,
  encoder: ValueEncoder,
  flush: () => void,
): ValueSink {
  const write = (operation: number, packet: Packet) => {
    writer.record(operation).u32(number);
    writer.value(packet);
  };
  return {
    list: (values) => write(op.VALUES, encoder.encode(values, "value")),
    one: (value) => {
      const packet = encoder.encode(value, "value");
      if (packet.moved.length > 0) detach(packet.moved, packet.attachments);
      write(op.ONE_VALUE, packet);
    },
    flush,
  };
}

/**
 * Encodes the result of a task.
 *
 * @throws {TypeError} if the result is a generator or another async iterable.
 * @throws {DOMException} a DataCloneError if the result cannot be sent.
 */
export function encodeResult(encoder: ValueEncoder, result: unknown): Packet {
  try {
    return encoder.encode(result, "result");
  } catch (error) {
    if (!isSource(result) || kindOf(result as object) !== undefined) throw error;
    throw new TypeError(
      "Cannot return a generator or another AsyncIterable from a task: run it with stream(task, ...args)",
      {
        cause: error,
      },
    );
  }
}
