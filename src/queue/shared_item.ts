/**
 * Items of a shared queue as bytes.
 *
 * @module
 */

import { type Channel, INTO_BYTES, type Packet } from "../wire/baggage.ts";
import { ByteReader } from "../wire/bytes.ts";
import { ValueDecoder } from "../wire/decoder.ts";
import { ValueEncoder } from "../wire/encoder.ts";
import { Refusal } from "../wire/refusal.ts";
import { checkOrderable } from "./natural_order.ts";

/** Everything is in the bytes: who puts an item may be gone when it is got. */
const CHANNEL: Channel = {
  scope: "process",
  bytesOnly: true,
  handsOver: false,
  allocate: (size) => new ArrayBuffer(size),
  references: {
    refer: (_handle, { name }) => {
      throw new Refusal(`a ${name} cannot ${INTO_BYTES}`);
    },
  },
};

/** The kinds of keys. Two of the same kind that differ tell which item is lower; nothing else does. */
export const OTHER = 0, NUMBER = 1, STRING = 2, TUPLE_OF_NUMBER = 3, TUPLE_OF_STRING = 4;
/** How many values a unit of a string can have, or be missing. */
const UNITS = 2 ** 16 + 1;

/** A number needs no bytes: its key is all of it. */
const NO_BYTES: Packet = {
  bytes: new Uint8Array(0),
  start: 0,
  end: 0,
  blobs: [],
  attachments: [],
  moved: [],
  lent: [],
};

/** What a key is made of. */
type Lead = number | string;

let encoder: ValueEncoder | undefined;

/** An item on its way into a queue: a copy, made when `put` was called. */
export class SharedItem {
  /** What was put. */
  readonly item: unknown;
  readonly packet: Packet;
  readonly size: number;
  /** What it is compared by, first. */
  readonly kind: number;
  readonly key: number;

  /**
   * @param ordered whether it must have a place in some order.
   * @throws {DOMException} a DataCloneError if it cannot travel.
   */
  constructor(item: unknown, ordered: boolean) {
    if (ordered) checkOrderable(item);
    this.item = item;
    const kind = this.kind = typeof item === "number" ? NUMBER : ordered ? kindOf(item) : OTHER;
    this.key = kind === NUMBER ? item as number : kind === OTHER ? 0 : keyOf(item as Lead | readonly [Lead]);
    const packet = this.packet = kind === NUMBER
      ? NO_BYTES
      : (encoder ??= new ValueEncoder(CHANNEL)).encode(item, "item");
    this.size = packet.end - packet.start;
  }

  /** Makes the copy, as others will see it. */
  decode(): unknown {
    if (this.kind === NUMBER) return this.key;
    const { bytes, start, end } = this.packet;
    return decodeItem(bytes, start, end);
  }
}

/** Makes an item of bytes. */
export function decodeItem(bytes: Uint8Array, start: number, end: number): unknown {
  return new ValueDecoder(new ByteReader(bytes, start, end)).decode();
}

function kindOf(item: unknown): number {
  const isTuple = Array.isArray(item);
  const lead = isTuple ? item[0] as unknown : item;
  if (typeof lead === "string") return isTuple ? TUPLE_OF_STRING : STRING;
  return isTuple && typeof lead === "number" ? TUPLE_OF_NUMBER : OTHER;
}

function keyOf(item: Lead | readonly [Lead]): number {
  const lead = typeof item === "object" ? item[0] : item;
  return typeof lead === "number" ? lead : prefix(lead);
}

/** As much of the beginning of a string as fits into a number without loss. */
function prefix(text: string): number {
  let key = 0;
  for (let i = 0; i < 3; i++) key = key * UNITS + (i < text.length ? text.charCodeAt(i) + 1 : 0);
  return key;
}
