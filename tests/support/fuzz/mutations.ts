// Lists the changes that fuzz rounds make to messages.

import { HEADER_SIZE, type OutgoingMessage } from "../../../src/wire/message.ts";
import * as op from "../../../src/wire/message.ts";
import { ARRAY, NULL } from "../../../src/wire/tags.ts";
import type { Random } from "../../core/random.ts";

/** Numbers at and beyond the limits of 32-bit fields. */
const NUMBERS = [0, 1, 2, 127, 255, 256, 65_535, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const DOUBLES = [NaN, Infinity, -1, 2 ** 31, 2 ** 40, 2 ** 53, 1e300, 0.5, -0];
/** The depth of a value that is nested too deeply. */
const DEEP = 200_000;
/** A value of nested lists, with its size in front. */
const DEEP_VALUE = new Uint8Array(4 + 2 * DEEP + 1).map((_, i) => i % 2 === 0 ? ARRAY : 1);
DEEP_VALUE[4 + 2 * DEEP] = NULL;
new DataView(DEEP_VALUE.buffer).setUint32(0, 2 * DEEP + 1, true);

/** Messages, posts and chunks that any worker sent earlier. */
export interface Before {
  readonly messages: OutgoingMessage[];
  readonly posts: unknown[];
  readonly chunks: Uint8Array[];
}

/** Returns the values to send instead of a message, post or chunk. */
type Change<T> = (value: T, random: Random, before: readonly T[]) => T[];

/** Changes of the records of a message. */
export const MESSAGES: Record<string, Change<OutgoingMessage>> = {
  "a flipped bit": (message, random) => [withRecords(message, (bytes) => flip(bytes, random))],
  "flipped bits": (
    message,
    random,
  ) => [withRecords(message, (bytes) => flip(flip(flip(bytes, random), random), random))],
  "a cut": (message, random) => [withRecords(message, (bytes) => bytes.slice(0, random.below(bytes.length)))],
  "more behind": (message, random) => [withRecords(message, (bytes) => join(bytes, noise(random)))],
  "another operation": (message, random) => [withRecords(message, (bytes) => put(bytes, 0, random.below(40)))],
  "a wrong number": (message, random) => [withRecords(message, (bytes) => {
    return putU32(bytes, random.below(bytes.length), random.pick(NUMBERS));
  })],
  "a wrong size": (message, random) => [withRecords(message, (bytes) => {
    return putU32(bytes, random.pick([1, 5, 29, 33]), random.pick(NUMBERS));
  })],
  "a wrong time": (message, random) => [withRecords(message, (bytes) => {
    return putF64(bytes, random.pick([1, 5, 13, 21]), random.pick(DOUBLES));
  })],
  "the number of another call": (message, random, before) => [withRecords(message, (bytes) => {
    const other = random.pick(before).bytes;
    return join(bytes.subarray(0, 1), other.subarray(HEADER_SIZE + 1, HEADER_SIZE + 5), bytes.subarray(5));
  })],
  "a record that says anything": (message, random) => [withRecords(message, (bytes) => {
    return join(Uint8Array.of(random.below(40)), noise(random), bytes);
  })],
  "a value that is deep": (message) => [withRecords(message, (bytes) => join(bytes.subarray(0, 29), DEEP_VALUE))],
  "an error that is deep": (
    message,
  ) => [withRecords(message, (bytes) => join(Uint8Array.of(op.FAULT), DEEP_VALUE, bytes))],
  "records of another message": (message, random, before) => [withRecords(message, (bytes) => {
    return join(bytes, random.pick(before).bytes.subarray(HEADER_SIZE));
  })],
  "no bulk": (message) => [{ ...message, blobs: [], attachments: [] }],
  "bulk twice": (message) => [{ ...message, blobs: message.blobs.flatMap((blob) => [blob, blob]) }],
  "bulk of another size": (message, random) => [{
    ...message,
    blobs: message.blobs.map(() => {
      return random.below(2) === 0 ? new ArrayBuffer(random.below(99)) : new SharedArrayBuffer(random.below(99));
    }),
  }],
  "twice": (message) => [message, message],
  "one of before": (message, random, before) => [message, random.pick(before)],
  "one of before first": (message, random, before) => [random.pick(before), message],
  "nothing": () => [],
};

/** Changes of the posts of a thread. */
export const POSTS: Record<string, Change<unknown>> = {
  "a wrong position": (data, random) => [{ ...data as object, position: random.pick([...NUMBERS, ...DOUBLES, "far"]) }],
  "other bytes": (data, random) => [{ ...data as object, bytes: sharedOf(noise(random)) }],
  "no bytes": (data) => [{ ...data as object, bytes: new SharedArrayBuffer(0) }],
  "bytes of a wrong class": (data) => [{ ...data as object, bytes: new ArrayBuffer(64) }],
  "flipped bits": (data, random) => [changeBytes(data, (bytes) => flip(flip(bytes, random), random))],
  "other names": (data, random) => [{ ...data as object, names: [random.below(5), random.pick(NUMBERS), "x"] }],
  "other blobs": (data, random) => [{ ...data as object, blobs: random.pick([[], [1], [new ArrayBuffer(8)], 7]) }],
  "blobs twice": (data) => {
    const { blobs = [], names = [] } = data as { blobs?: unknown[]; names?: unknown[] };
    return [{ ...data as object, blobs: [...blobs, ...blobs], names: [...names, ...names] }];
  },
  "other attachments": (data, random) => [{ ...data as object, attachments: random.pick([[null], [{}], "none"]) }],
  "something deep first": (data) => [nested(), data],
  "a stray": (data, random) => [random.pick([undefined, null, 1, "text", [], { bytes: 1 }]), data],
  "twice": (data) => [data, data],
  "one of before": (data, random, before) => [random.pick(before), data],
  "nothing": () => [],
};

/** Changes of the bytes between two processes. */
export const CHUNKS: Record<string, Change<Uint8Array>> = {
  "a flipped bit": (bytes, random) => [flip(bytes, random)],
  "a flipped bit in the header": (bytes, random) => [join(flip(bytes.slice(0, 16), random), bytes.subarray(16))],
  "a cut": (bytes, random) => [bytes.slice(0, random.below(bytes.length))],
  "a lost start": (bytes, random) => [bytes.slice(1 + random.below(bytes.length))],
  "more behind": (bytes, random) => [bytes, noise(random)],
  "more in front": (bytes, random) => [noise(random), bytes],
  "a wrong length": (bytes, random) => [putU32(bytes.slice(), 8, random.pick(NUMBERS))],
  "a wrong number of blobs": (bytes, random) => [putU32(bytes.slice(), 12, random.pick(NUMBERS))],
  "twice": (bytes) => [bytes, bytes.slice()],
  "one of before": (bytes, random, before) => [bytes, random.pick(before).slice()],
  "one of before first": (bytes, random, before) => [random.pick(before).slice(), bytes],
  "nothing": () => [],
};

/** Changes an unread bit or a control cell of a ring; returns the name of the change. */
export function changeRing({ control, data }: { control: Int32Array; data: Uint8Array }, random: Random): string {
  const [head, tail] = [control[0]!, control[1]!];
  if (random.below(2) === 0 && head !== tail) {
    const at = (head + random.below((tail - head) >>> 0)) & (data.length - 1);
    data[at]! ^= 1 << random.below(8);
    return "a flipped bit";
  }
  const cell = random.below(control.length);
  control[cell] = random.pick([0, -1, 1, control[cell]! + 1, control[cell]! - 1, 2 ** 31 - 1, random.below(2 ** 31)]);
  return `cell ${cell}`;
}

function withRecords(message: OutgoingMessage, change: (bytes: Uint8Array) => Uint8Array): OutgoingMessage {
  const records = change(message.bytes.slice(HEADER_SIZE));
  return { ...message, bytes: join(new Uint8Array(HEADER_SIZE), records) };
}

/** Returns a copy of a message, since its sender may reuse the memory. */
export function copyOf(message: OutgoingMessage): OutgoingMessage {
  return { ...message, bytes: message.bytes.slice(), blobs: message.blobs.map((blob) => blob.slice(0)) };
}

function flip(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length === 0) return bytes;
  const at = random.below(bytes.length);
  return put(bytes, at, bytes[at]! ^ 1 << random.below(8));
}

function put(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const changed = bytes.slice();
  if (at < changed.length) changed[at] = value;
  return changed;
}

function putU32(bytes: Uint8Array, at: number, value: number): Uint8Array {
  return [0, 8, 16, 24].reduce((changed, shift, i) => put(changed, at + i, value >>> shift & 255), bytes);
}

function putF64(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const changed = bytes.slice();
  if (at + 8 <= changed.length) changed.set(new Uint8Array(Float64Array.of(value).buffer), at);
  return changed;
}

function noise(random: Random): Uint8Array {
  return new Uint8Array(1 + random.below(80)).map(() => random.below(256));
}

function join(...parts: Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function nested(): unknown {
  let value: unknown = {};
  for (let i = 0; i < 5_000; i++) value = { mark: 0, value };
  return value;
}

function sharedOf(bytes: Uint8Array): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  return shared;
}

function changeBytes(data: unknown, change: (bytes: Uint8Array) => Uint8Array): unknown {
  const { bytes } = data as { bytes?: SharedArrayBuffer };
  return {
    ...data as object,
    bytes: sharedOf(change(bytes === undefined ? new Uint8Array(9) : new Uint8Array(bytes).slice())),
  };
}
