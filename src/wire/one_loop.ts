/**
 * Values that stay in their loop, and are copied all the same: nobody can tell from a value how far it has come.
 *
 * @module
 */

import type { Channel } from "./baggage.ts";
import { ByteReader } from "./bytes.ts";
import { ValueDecoder } from "./decoder.ts";
import { ValueEncoder } from "./encoder.ts";
import { threadChannel } from "./thread_link.ts";
import { detach } from "./transfer.ts";

/** How values travel within a loop. */
export const loopChannel: Channel = { ...threadChannel(true), oneLoop: true };

const encoder = new ValueEncoder(loopChannel);

/**
 * Copies a value as it would be on the way to a worker; what it moves is detached.
 *
 * @param root what a refusal calls it.
 * @throws {DOMException} a DataCloneError naming the path of what cannot travel.
 */
export function copyValue<T>(value: T, root: string): T {
  const { bytes, start, end, blobs, attachments, moved } = encoder.encode(value, root);
  detach(moved, attachments);
  return new ValueDecoder(new ByteReader(bytes, start, end), blobs, attachments).decode() as T;
}
