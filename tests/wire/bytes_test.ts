import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ByteReader, ByteWriter } from "../../src/wire/bytes.ts";
import { seeded } from "../core/random.ts";
import { randomString } from "./values.ts";

function written(write: (writer: ByteWriter) => void, capacity?: number): ByteReader {
  const writer = new ByteWriter(capacity);
  write(writer);
  return new ByteReader(writer.bytes, 0, writer.length);
}

test("ByteWriter.u8(), u32() and f64() write values that ByteReader reads back", () => {
  const doubles = [0, -0, 1.5, -1e308, Number.MIN_VALUE, Infinity, -Infinity, NaN];
  const reader = written((writer) => {
    writer.u8(0), writer.u8(255);
    writer.u32(0), writer.u32(2 ** 32 - 1);
    for (const value of doubles) writer.f64(value);
  });
  assertEquals([reader.u8(), reader.u8(), reader.u32(), reader.u32()], [0, 255, 0, 2 ** 32 - 1]);
  for (const value of doubles) assertStrictEquals(reader.f64(), value);
  assertEquals(reader.position, reader.end);
});

test("ByteWriter.count() writes any count, small ones in one byte", () => {
  for (const [value, size] of [[0, 1], [254, 1], [255, 9], [256, 9], [2 ** 40, 9]] as const) {
    const reader = written((writer) => writer.count(value));
    assertEquals([reader.end, reader.count()], [size, value]);
  }
});

test("ByteWriter.string() writes strings of every kind and length", () => {
  const samples = ["", "a", "plain text", "\u0000\u007f\u0080", "Grüße", "日本語", "👋🏽", "\ufeffmark", "\r\n\u2028"];
  for (const length of [23, 24, 25, 100, 5_000]) {
    for (const unit of ["x", "é", "語", "👋"]) samples.push(unit.repeat(length));
    samples.push("x".repeat(length - 1) + "é");
  }
  for (const text of samples) assertStrictEquals(written((writer) => writer.string(text)).string(), text);
});

test("ByteWriter.string() keeps lone surrogates", () => {
  for (
    const text of ["\ud800", "\udfff", "a\ud83db", "\udc00\ud800", "x".repeat(50) + "\ud800", "語\udc00".repeat(999)]
  ) {
    assertStrictEquals(written((writer) => writer.string(text)).string(), text);
  }
});

test("ByteWriter keeps its content while it grows", () => {
  const random = seeded(5);
  const texts = Array.from({ length: 500 }, () => randomString(random, 60));
  const reader = written((writer) => {
    for (const text of texts) writer.u8(7), writer.string(text), writer.f64(text.length), writer.u32(text.length);
  }, 1);
  for (const text of texts) {
    assertEquals(reader.u8(), 7);
    assertStrictEquals(reader.string(), text);
    assertEquals([reader.f64(), reader.u32()], [text.length, text.length]);
  }
  assertEquals(reader.position, reader.end);
});

test("ByteWriter.raw() writes the bytes of a view, not of its buffer", () => {
  const whole = Uint8Array.from({ length: 100 }, (_, i) => i);
  const reader = written((writer) => writer.raw(whole.subarray(10, 20)), 4);
  assertEquals([...reader.raw(10)], [...whole.subarray(10, 20)]);
});

test("ByteWriter.setU32() overwrites in place", () => {
  const reader = written((writer) => {
    writer.u32(1);
    writer.u32(2);
    writer.setU32(0, 9);
  });
  assertEquals([reader.u32(), reader.u32()], [9, 2]);
});

test("ByteWriter.renew() leaves the old buffer to its other holders", () => {
  const writer = new ByteWriter(8);
  writer.u32(1);
  const old = writer.bytes;
  writer.renew(8);
  writer.u32(2);
  assertEquals([new ByteReader(old).u32(), new ByteReader(writer.bytes).u32(), writer.length], [1, 2, 4]);
});

test("ByteReader refuses to read past its end", () => {
  const reads: ((reader: ByteReader) => unknown)[] = [
    (reader) => reader.u8(),
    (reader) => reader.u32(),
    (reader) => reader.f64(),
    (reader) => reader.count(),
    (reader) => reader.string(),
    (reader) => reader.raw(1),
  ];
  for (const read of reads) {
    // The underlying buffer continues behind the end.
    const reader = new ByteReader(new Uint8Array(64), 8, 8);
    assertThrows(() => read(reader), RangeError, "past the end");
    assertEquals(reader.position, 8);
  }
});

test("ByteReader.raw() throws for invalid sizes, and keeps its position", () => {
  for (const size of [-1, -8, NaN, Infinity, -Infinity, 1.5, 65]) {
    const reader = new ByteReader(new Uint8Array(64), 16);
    assertThrows(() => reader.raw(size), RangeError, undefined, `raw(${size})`);
    assertEquals(reader.position, 16);
  }
});

test("ByteReader.string() throws for an unknown form", () => {
  assertThrows(() => new ByteReader(new Uint8Array([9, 0, 0, 0, 0])).string(), RangeError, "unknown form");
});

test("ByteReader.string() throws for every truncation", () => {
  for (const text of ["short", "a long one: ".repeat(9), "é".repeat(40), "\ud800".repeat(9)]) {
    const writer = new ByteWriter();
    writer.string(text);
    for (let end = 0; end < writer.length; end++) {
      assertThrows(() => new ByteReader(writer.bytes, 0, end).string(), RangeError);
    }
  }
});

for (const seed of [1, 2, 3]) {
  test(`ByteReader reads back 3,000 random strings (seed ${seed})`, () => {
    const random = seeded(seed);
    const texts = Array.from({ length: 3_000 }, () => randomString(random, 80));
    const reader = written((writer) => texts.forEach((text) => writer.string(text)), 16);
    for (const text of texts) assertStrictEquals(reader.string(), text);
    assert(reader.position === reader.end);
  });
}
