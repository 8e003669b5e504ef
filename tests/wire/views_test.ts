import { Buffer } from "node:buffer";
import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { VIEW_KINDS } from "../../src/wire/tags.ts";
import { transfer } from "../../src/wire/transfer.ts";
import { describeView, makeView } from "../../src/wire/views.ts";

const PLAIN = [
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  DataView,
] as unknown as readonly {
  new (buffer: ArrayBuffer, offset: number, length: number): ArrayBufferView;
  readonly prototype: object;
}[];

test("makeView() restores a view that describeView() has described", () => {
  for (const View of PLAIN) {
    const view = new View(new ArrayBuffer(64), 8, 2);
    const { kind, buffer, offset, size } = describeView(view);
    assertStrictEquals(buffer, view.buffer);
    const copy = makeView(kind, buffer, offset, size);
    assertStrictEquals(Object.getPrototypeOf(copy), View.prototype);
    assertEquals([copy.byteOffset, copy.byteLength], [8, view.byteLength]);
  }
});

test("describeView() leaves a view on shared memory in place", () => {
  const view = new Int32Array(new SharedArrayBuffer(16), 4, 1);
  const { buffer, offset, size } = describeView(view);
  assertStrictEquals(buffer, view.buffer);
  assertEquals([offset, size], [4, 4]);
});

test("describeView() copies a Buffer out of its pool", () => {
  const { kind, buffer, offset, size } = describeView(Buffer.from("pooled"));
  assertEquals([VIEW_KINDS[kind], buffer.byteLength, offset, size], ["Uint8Array", 6, 0, 6]);
  assertEquals(new TextDecoder().decode(new Uint8Array(buffer)), "pooled");
});

test("describeView() keeps the whole buffer of a view that is moved", () => {
  class Slice extends Uint8Array {}
  const slice = new Slice(new ArrayBuffer(16), 4, 2);
  transfer({}, [slice.buffer as ArrayBuffer]);
  assertStrictEquals(describeView(slice).buffer, slice.buffer);
});

test("makeView() throws for invalid descriptions", () => {
  const buffer = new ArrayBuffer(8);
  const uint8 = VIEW_KINDS.indexOf("Uint8Array"), float64 = VIEW_KINDS.indexOf("Float64Array");
  assertThrows(() => makeView(200, buffer, 0, 8), RangeError, "unknown kind");
  assertThrows(() => makeView(uint8, buffer, 0, 9), RangeError);
  assertThrows(() => makeView(float64, buffer, 4, 4), RangeError);
  for (const other of [8, [], "text", null, new Uint8Array(8)]) {
    assertThrows(() => makeView(uint8, other, 0, 8), RangeError, "its buffer is of another type");
  }
  assertInstanceOf(makeView(uint8, buffer, 8, 0), Uint8Array);
  assert(makeView(0, buffer, 0, 8) instanceof DataView);
});
