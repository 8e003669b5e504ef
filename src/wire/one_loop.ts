/**
 * Copies values within one event loop as if they were sent, so that tasks behave the same in every executor.
 *
 * @module
 */

import type { Channel } from "./out_of_band.ts";
import { ByteReader } from "./bytes.ts";
import { ValueDecoder } from "./decoder.ts";
import { ValueEncoder } from "./encoder.ts";
import { threadChannel } from "./thread_link.ts";
import { detach } from "./transfer.ts";

/** The channel within an event loop. */
export const loopChannel: Channel = { ...threadChannel(true), oneLoop: true };

const encoder = new ValueEncoder(loopChannel);

/**
 * Copies a value as if it were sent to a worker; transferred buffers are detached.
 *
 * @param root the name of the value in an error.
 * @throws {DOMException} a DataCloneError that names the path of a value that cannot travel.
 */
export function copyValue<T>(value: T, root: string): T {
  const { bytes, start, end, blobs, attachments, moved } = encoder.encode(value, root);
  detach(moved, attachments);
  return new ValueDecoder(new ByteReader(bytes, start, end), blobs, attachments).decode() as T;
}

/** Whether sending a value would detach or move a part of it; false if it cannot travel. */
export function movesAnything(value: unknown): boolean {
  try {
    return encoder.encode(value, "value").moved.length > 0;
  } catch {
    return false;
  }
}
