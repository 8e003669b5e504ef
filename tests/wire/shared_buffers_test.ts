// Tests which part of a buffer is sent with a view: the view's part, or all of it.

import { test } from "node:test";
import { assert, assertEquals, assertFalse, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { findSharedBuffers } from "../../src/wire/shared_buffers.ts";
import { CHANNELS, encode, sent } from "./values.ts";

const numbers = (length: number) => Uint8Array.from({ length }, (_, i) => i);

test("findSharedBuffers() finds buffers that occur with their views, or under several views", () => {
  const [once, twice, beside] = [numbers(8), numbers(8), numbers(8)];
  const root = {
    list: [once.subarray(2), [twice.subarray(1), beside]],
    map: new Map<unknown, unknown>([["key", twice.subarray(4)], [beside.buffer, 1]]),
    error: new Error("x", { cause: new Set([once]) }),
    get hidden() {
      throw new Error("A getter is not called");
    },
  };
  const shared = findSharedBuffers(root);
  for (const { buffer } of [once, twice, beside]) assert(shared.has(buffer));
  const circle: unknown[] = [once.subarray(1)];
  circle.push(circle, circle);
  assertFalse(findSharedBuffers(circle).has(once.buffer));
});

for (const [name, channel] of CHANNELS) {
  test(`A view on a part of a buffer is sent with its own bytes, by ${name}`, () => {
    const whole = numbers(1_000_000);
    const part = whole.subarray(1_000, 21_000);
    const packet = encode({ part, small: whole.slice(0, 50).subarray(10, 20) }, channel);
    const sizes = packet.blobs.reduce((sum, { byteLength }) => sum + byteLength, packet.end - packet.start);
    assert(sizes < 25_000, `${sizes} bytes`);
    const copy = sent({ part }, channel).part;
    assertEquals([copy.buffer.byteLength, copy.byteOffset], [20_000, 0]);
    assertEquals(copy, part);
  });

  test(`Several views on one buffer keep sharing it, by ${name}`, () => {
    const bytes = numbers(40_000);
    const [a, b] = sent([bytes.subarray(0, 10), new DataView(bytes.buffer, 4)], channel) as [Uint8Array, DataView];
    assertStrictEquals(a.buffer, b.buffer);
    b.setUint8(0, 99);
    assertEquals([a[4], a.buffer.byteLength], [99, 40_000]);
    const { view, buffer } = sent({ view: bytes.subarray(8, 16), buffer: bytes.buffer }, channel);
    assertStrictEquals(view.buffer, buffer);
    const twice = sent({ one: a.subarray(1, 3), two: [0] as unknown[], three: a.subarray(1, 3) }, channel);
    assertStrictEquals(twice.one.buffer, twice.three.buffer);
  });

  test(`A view that occurs twice is one view with its own bytes, by ${name}`, () => {
    const part = numbers(100).subarray(5, 9);
    const after = { after: true };
    const copy = sent({ first: part, after, second: part, again: after }, channel);
    assertStrictEquals(copy.first, copy.second);
    assertStrictEquals(copy.after, copy.again);
    assertEquals([copy.first.buffer.byteLength, [...copy.first]], [4, [5, 6, 7, 8]]);
  });

  test(`A buffer that a getter returns after a view of it is sent whole, by ${name}`, () => {
    const bytes = numbers(64);
    const value = {
      part: bytes.subarray(8, 10),
      get buffer() {
        return bytes.buffer;
      },
    };
    const { part, buffer } = sent(value, channel);
    assertEquals([[...part], buffer.byteLength], [[8, 9], 64]);
    assertNotStrictEquals(part.buffer, buffer);
  });

  test(`A resizable buffer stays resizable, and its views keep their kind, by ${name}`, () => {
    for (const [size, most] of [[16, 64], [32, 32], [40_000, 80_000], [0, 8]] as const) {
      const buffer = new ArrayBuffer(size, { maxByteLength: most });
      const bytes = new Uint8Array(buffer);
      bytes.set(numbers(size));
      const offset = Math.min(8, size);
      const value = { buffer, bytes, tail: new Int16Array(buffer, offset), fixed: new Uint8Array(buffer, 0, offset) };
      const copy = sent(value, channel);
      assertEquals([copy.buffer.resizable, copy.buffer.maxByteLength, copy.buffer.byteLength], [true, most, size]);
      assertEquals([bytes.length, ...bytes], [size, ...numbers(size)], "the sender's is as it was");
      assertEquals([...copy.bytes], [...bytes]);
      copy.buffer.resize(most);
      assertEquals([copy.bytes.length, copy.tail.byteLength, copy.fixed.length], [most, most - offset, offset]);
      copy.buffer.resize(0);
      assertEquals([copy.bytes.length, copy.fixed.length], [0, 0]);
    }
  });

  test(`A view of fixed length keeps its length, wherever it ends, by ${name}`, () => {
    for (const most of [16, 17, 64]) {
      const buffer = new ArrayBuffer(16, { maxByteLength: most });
      const view = new Uint8Array(buffer, 4, 12).fill(7);
      const copy = sent(view, channel);
      assertEquals([copy.buffer.resizable, copy.length, [...copy]], [true, 12, [...view]]);
      copy.buffer.resize(most);
      assertEquals([copy.length, buffer.byteLength, view.length], [12, 16, 12]);
    }
  });
}
