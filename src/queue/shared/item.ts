/**
 * The items of a shared queue as bytes.
 *
 * @module
 */

import { type Channel, INTO_BYTES, type Packet } from "../../wire/out_of_band.ts";
import { ByteReader } from "../../wire/bytes.ts";
import { ValueDecoder } from "../../wire/decoder.ts";
import { ValueEncoder } from "../../wire/encoder.ts";
import { Refusal } from "../../wire/refusal.ts";
import { checkOrderable } from "../natural_order.ts";

/** Everything must be in the bytes: the putting thread may be gone when the item is taken. */
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

/**
 * The kinds of keys. Two different keys of the same kind decide which item is lower; otherwise the items must be
 * compared.
 */
export const OTHER = 0, NUMBER = 1, STRING = 2, TUPLE_OF_NUMBER = 3, TUPLE_OF_STRING = 4;
/** The number of values of one string position: any code unit, or none. */
const UNITS = 2 ** 16 + 1;

/** A number needs no bytes: its key holds the whole value. */
const NO_BYTES: Packet = {
  bytes: new Uint8Array(0),
  start: 0,
  end: 0,
  blobs: [],
  attachments: [],
  moved: [],
  lent: [],
};

/** The value from which a key is made. */
type Lead = number | string;

let encoder: ValueEncoder | undefined;

/** An item on its way into a queue: a copy made when `put` was called. */
export class SharedItem {
  /** The original item. */
  readonly item: unknown;
  readonly packet: Packet;
  readonly size: number;
  /** The key, which is compared first. */
  readonly kind: number;
  readonly key: number;

  /**
   * @param ordered whether the item must be orderable.
   * @throws {DOMException} a DataCloneError if the item cannot travel.
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

  /** Returns the copy as other threads will see it. */
  decode(): unknown {
    if (this.kind === NUMBER) return this.key;
    const { bytes, start, end } = this.packet;
    return decodeItem(bytes, start, end);
  }
}

/** Decodes an item. */
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

/** Packs the first three code units of a string into a number, without loss. */
function prefix(text: string): number {
  let key = 0;
  for (let i = 0; i < 3; i++) key = key * UNITS + (i < text.length ? text.charCodeAt(i) + 1 : 0);
  return key;
}
