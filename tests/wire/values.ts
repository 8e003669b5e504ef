// Generates values for encoder and decoder, including random ones.

import { ByteReader } from "../../src/wire/bytes.ts";
import { ValueDecoder } from "../../src/wire/decoder.ts";
import type { Channel, Packet } from "../../src/wire/out_of_band.ts";
import { ValueEncoder } from "../../src/wire/encoder.ts";
import { processChannel } from "../../src/wire/process_link.ts";
import { threadChannel } from "../../src/wire/thread_link.ts";
import type { Random } from "../core/random.ts";

const VIEWS = [
  Uint8Array,
  Int16Array,
  Float64Array,
  BigUint64Array,
  DataView,
  Uint8ClampedArray,
] as unknown as readonly {
  new (buffer: ArrayBuffer, offset: number): ArrayBufferView;
}[];

/** All channels by name. */
export const CHANNELS: readonly [string, Channel][] = [
  ["thread", threadChannel(false)],
  ["thread that moves buffers", threadChannel(true)],
  ["process", processChannel],
];

/** Encodes a value. */
export function encode(value: unknown, channel: Channel = processChannel): Packet {
  return new ValueEncoder(channel).encode(value, "value");
}

/** Decodes a packet. */
export function decode({ bytes, start, end, blobs, attachments }: Packet): unknown {
  return new ValueDecoder(new ByteReader(bytes, start, end), blobs, attachments).decode();
}

/** Encodes and decodes a value. */
export function sent<T>(value: T, channel: Channel = processChannel): T {
  return decode(encode(value, channel)) as T;
}

/** Returns the message of the encoder's refusal, or "" if the value can be cloned. */
export function refusalOf(value: unknown, channel: Channel = processChannel, root = "value"): string {
  try {
    new ValueEncoder(channel).encode(value, root);
    return "";
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "DataCloneError") throw error;
    return error.message;
  }
}

/** Generates a string of any characters, including lone surrogates. */
export function randomString(random: Random, longest: number): string {
  const units = random.pick([[0x20, 0x7e], [0, 0xff], [0, 0xffff], [0xd800, 0xdfff]] as const);
  let text = "";
  for (let left = random.below(longest + 1); left > 0; left--) {
    text += String.fromCharCode(units[0] + random.below(units[1] - units[0] + 1));
  }
  return text;
}

/** Generates a value of all types that structured clone keeps complete; its parts may repeat or form cycles. */
export function randomValue(random: Random): unknown {
  const made: object[] = [];
  let left = 1 + random.below(60);

  function value(): unknown {
    left--;
    if (left > 0 && random.next() < 0.55) return object();
    if (made.length > 0 && random.next() < 0.15) return random.pick(made);
    return primitive(random);
  }

  function object(): unknown {
    const make = random.pick([plain, plain, array, array, sparse, map, set, leaf]);
    return make();
  }

  function keep<T extends object>(object: T): T {
    made.push(object);
    return object;
  }

  function size(): number {
    return Math.min(random.below(6), Math.max(0, left));
  }

  function plain(): object {
    const object = keep({} as Record<string, unknown>);
    for (let i = size(); i > 0; i--) {
      object[random.pick(["a", "b", "c", "key", "0", randomString(random, 30)])] = value();
    }
    return object;
  }

  function array(): object {
    const items = keep([] as unknown[]);
    for (let i = size(); i > 0; i--) items.push(value());
    return items;
  }

  function sparse(): object {
    const items = keep(new Array(random.below(10)));
    for (let i = size(); i > 0; i--) items[random.below(12)] = value();
    if (random.below(3) === 0) (items as unknown as Record<string, unknown>)["named"] = value();
    return items;
  }

  function map(): object {
    const entries = keep(new Map());
    for (let i = size(); i > 0; i--) entries.set(value(), value());
    return entries;
  }

  function set(): object {
    const items = keep(new Set());
    for (let i = size(); i > 0; i--) items.add(value());
    return items;
  }

  function leaf(): object {
    const kind = random.below(5);
    if (kind === 0) return keep(new Date(random.pick([0, -1, 1.7e12, NaN, 8.64e15])));
    if (kind === 1) {
      return keep(new RegExp(random.pick(["a+", "[/]", "\\u{1f44b}|x", ""]), random.pick(["", "gi", "u", "sy"])));
    }
    if (kind === 2) return keep(Object(random.pick<unknown>([true, false, 3, -0, "text", 7n])) as object);
    return view();
  }

  function view(): object {
    const buffers = made.filter((item) => item instanceof ArrayBuffer);
    const fresh = new Uint8Array(8 * (1 + random.below(6))).map(() => random.below(256)).buffer;
    const buffer = buffers.length > 0 && random.next() < 0.5 ? random.pick(buffers) : keep(fresh);
    const View = random.pick(VIEWS);
    const offset = random.below(buffer.byteLength / 8) * 8;
    return random.next() < 0.3 ? buffer : keep(new View(buffer, offset));
  }

  return value();
}

function primitive(random: Random): unknown {
  switch (random.below(8)) {
    case 0:
      return random.pick([undefined, null, true, false]);
    case 1:
      return random.below(600) - 300;
    case 2:
      return random.pick([0, -0, NaN, Infinity, -Infinity, 2 ** 31, -(2 ** 31), 2 ** 31 - 1, 2 ** 32, 2 ** 53]);
    case 3:
      return (random.next() - 0.5) * 10 ** random.below(300);
    case 4:
      return random.pick([0n, -1n, 255n, 2n ** 64n, -(2n ** 200n), BigInt(random.below(2 ** 31))]);
    default:
      return randomString(random, 40);
  }
}
