import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { ByteReader, ByteWriter } from "../../src/wire/bytes.ts";
import { ValueDecoder } from "../../src/wire/decoder.ts";
import type { Packet } from "../../src/wire/out_of_band.ts";
import * as tag from "../../src/wire/tags.ts";
import { seeded } from "../core/random.ts";
import { PROMPT } from "../support/timing.ts";
import { decode, encode, randomValue } from "./values.ts";

function decoded(write: (writer: ByteWriter) => void): unknown {
  const writer = new ByteWriter();
  write(writer);
  return new ValueDecoder(new ByteReader(writer.bytes, 0, writer.length)).decode();
}

test("ValueDecoder.decode() reads values one after another", () => {
  const packets = [encode({ a: [1] }), encode("text"), encode(new Map([[1, { b: 2 }]]))];
  const bytes = new Uint8Array(packets.flatMap((packet) => [...part(packet)]));
  const reader = new ByteReader(bytes);
  const decoder = new ValueDecoder(reader);
  assertEquals([decoder.decode(), decoder.decode()], [{ a: [1] }, "text"]);
  assertEquals(decoder.decode(), new Map([[1, { b: 2 }]]));
  assertEquals(reader.position, reader.end);
});

test("ValueDecoder.decode() gives every value separate memory", () => {
  const packet = encode(new Uint8Array([1, 2, 3]));
  const copy = decode(packet) as Uint8Array;
  packet.bytes.fill(0, packet.start, packet.end);
  assertEquals([...copy], [1, 2, 3]);
});

test("ValueDecoder.decode() copies blobs from shared memory and uses others directly", () => {
  const shared = new Uint8Array(new SharedArrayBuffer(4));
  shared.set([1, 2, 3, 4]);
  const own = new Uint8Array([5, 6]).buffer;
  const reader = new ByteReader(new Uint8Array([tag.ARRAY, 2, tag.BLOB, tag.BLOB]));
  const [first, second] = new ValueDecoder(reader, [shared.buffer, own]).decode() as ArrayBuffer[];
  assertInstanceOf(first, ArrayBuffer);
  assertEquals([...new Uint8Array(first)], [1, 2, 3, 4]);
  assert(second === own);
});

test("ValueDecoder.decode() throws for unknown kinds", () => {
  for (const kind of [99, 100, 255]) {
    assertThrows(() => decoded((writer) => writer.u8(kind)), RangeError, `kind ${kind}`);
  }
});

test("ValueDecoder.decode() throws for references to missing objects", () => {
  const broken: [string, (writer: ByteWriter) => void][] = [
    ["an object before any", (writer) => (writer.u8(tag.REFERENCE), writer.count(0))],
    ["a key before any", (writer) => (writer.u8(tag.OBJECT), writer.count(1), writer.count(7), writer.u8(tag.NULL))],
    ["a blob", (writer) => writer.u8(tag.BLOB)],
    ["an attachment", (writer) => writer.u8(tag.ATTACHMENT)],
    ["a view on a number", (writer) => view(writer, 2, () => (writer.u8(tag.DOUBLE), writer.f64(2 ** 33)))],
    ["a view on a list", (writer) => view(writer, 2, () => (writer.u8(tag.ARRAY), writer.count(0)))],
    ["a view of no kind", (writer) => view(writer, 99, () => (writer.u8(tag.BUFFER), writer.count(0)))],
    ["a view beyond its buffer", (writer) => view(writer, 2, () => (writer.u8(tag.BUFFER), writer.count(0)))],
  ];
  for (const [what, write] of broken) assertThrows(() => decoded(write), RangeError, undefined, what);
});

test("ValueDecoder.decode() throws for sizes beyond the data", () => {
  const sizes = [2 ** 53, Infinity, NaN, -1, -10, 0.5, 1e300];
  for (const kind of [tag.ARRAY, tag.SPARSE_ARRAY, tag.OBJECT, tag.MAP, tag.SET, tag.BUFFER]) {
    for (const size of sizes) {
      const write = (writer: ByteWriter) => {
        writer.u8(kind), writer.u8(255), writer.f64(size);
        if (kind === tag.SPARSE_ARRAY) writer.count(1);
      };
      assertThrows(() => decoded(write), RangeError, undefined, `kind ${kind} of size ${size}`);
    }
  }
});

test("ValueDecoder.decode() throws for every truncation", () => {
  const random = seeded(11);
  for (let i = 0; i < 60; i++) {
    const bytes = part(encode(randomValue(random)));
    for (let end = 0; end < bytes.length; end++) {
      assertThrows(() => new ValueDecoder(new ByteReader(bytes, 0, end)).decode(), Error, undefined, `Value ${i}`);
    }
  }
});

for (const seed of [1, 2, 3]) {
  test(`ValueDecoder.decode() soon returns or throws on corrupted bytes (seed ${seed})`, () => {
    const random = seeded(seed);
    for (let i = 0; i < 1_500; i++) {
      const bytes = new Uint8Array(part(encode(randomValue(random))));
      for (let hits = 1 + random.below(4); hits > 0; hits--) bytes[random.below(bytes.length)] = random.below(256);
      assertSettles(bytes, `Value ${i}`);
    }
  });

  test(`ValueDecoder.decode() soon returns or throws on random bytes (seed ${seed})`, () => {
    const random = seeded(seed);
    for (let i = 0; i < 3_000; i++) {
      // Use mostly tags, so that decoding does not end at the first byte.
      const bytes = Uint8Array.from({ length: random.below(200) }, () => random.below(random.below(3) ? 24 : 256));
      assertSettles(bytes, `Bytes ${i}`);
    }
  });
}

test("ValueDecoder.decode() allocates no memory for the holes of an array", () => {
  const writer = new ByteWriter();
  const arrays = 40, length = 30_000_000;
  writer.u8(tag.ARRAY);
  writer.count(arrays);
  for (let i = 0; i < arrays; i++) {
    writer.u8(tag.SPARSE_ARRAY);
    writer.count(length);
    writer.count(0);
  }
  // If memory were allocated for all of them, the test would run out of it.
  const decoded = new ValueDecoder(new ByteReader(writer.bytes, 0, writer.length)).decode() as unknown[][];
  assertEquals(decoded.map((array) => [array.length, Object.keys(array)]), Array(arrays).fill([length, []]));
  const long = Object.assign([], { length: 2_000, 3: "three", 1_999: "last" });
  assertEquals(new ValueDecoder(new ByteReader(part(encode(long)))).decode(), long);
});

test("ValueDecoder.decode() throws for an array beyond the maximum length", () => {
  const writer = new ByteWriter();
  writer.u8(tag.SPARSE_ARRAY);
  writer.count(2 ** 32);
  writer.count(0);
  const decoder = new ValueDecoder(new ByteReader(writer.bytes, 0, writer.length));
  assertThrows(() => decoder.decode(), RangeError, "4294967296 items");
});

function assertSettles(bytes: Uint8Array, about: string): void {
  const before = performance.now();
  try {
    new ValueDecoder(new ByteReader(bytes)).decode();
  } catch (error) {
    assertInstanceOf(error, Error, about);
  }
  assert(performance.now() - before < PROMPT, `${about} took ${performance.now() - before} ms: ${[...bytes]}`);
}

function view(writer: ByteWriter, kind: number, buffer: () => void): void {
  writer.u8(tag.VIEW);
  writer.u8(kind);
  writer.count(0);
  writer.count(8);
  buffer();
}

function part({ bytes, start, end }: Packet): Uint8Array {
  return bytes.subarray(start, end);
}
