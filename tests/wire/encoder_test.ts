import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { ValueEncoder } from "../../src/wire/encoder.ts";
import { processChannel } from "../../src/wire/process_link.ts";
import { threadChannel } from "../../src/wire/thread_link.ts";
import { transfer } from "../../src/wire/transfer.ts";
import { seeded } from "../core/random.ts";
import { assertSame } from "./same.ts";
import { CHANNELS, decode, encode, randomValue, refusalOf, sent } from "./values.ts";

/** More bytes than a message carries inline. */
const BULK = 20_000;

for (const [name, channel] of CHANNELS) {
  for (const seed of [1, 2, 3]) {
    test(`ValueEncoder supports all values of structuredClone, by ${name} (seed ${seed})`, () => {
      const random = seeded(seed);
      for (let i = 0; i < 400; i++) {
        const value = randomValue(random);
        assertSame(sent(value, channel), structuredClone(value), `Value ${i}.`);
      }
    });
  }
}

test("ValueEncoder.encode() can be called for one value after another", () => {
  const random = seeded(9);
  const encoder = new ValueEncoder(processChannel);
  const values = Array.from({ length: 2_000 }, () => randomValue(random));
  // Encode all packets first: none may be overwritten by a later one.
  const packets = values.map((value) => encoder.encode(value, "value"));
  packets.forEach((packet, i) => assertSame(decode(packet), structuredClone(values[i]), `Value ${i}.`));
});

test("ValueEncoder.encode() works normally after a refusal", () => {
  const encoder = new ValueEncoder(processChannel);
  const shared = { name: "shared" };
  const before = encoder.encode([shared], "value");
  assert(throws(() => encoder.encode([shared, new Uint8Array(BULK), { shared, fn: () => {} }], "value")));
  const after = encoder.encode([shared, shared], "value");
  assertEquals([after.blobs.length, after.start], [0, before.end]);
  assertSame(decode(before), [shared]);
  assertSame(decode(after), structuredClone([shared, shared]));
});

test("ValueEncoder.encode() can be called by a getter of the value it encodes", () => {
  const encoder = new ValueEncoder(processChannel);
  let inner;
  const value = {
    before: { a: 1 },
    get nested() {
      inner = encoder.encode([{ b: 2 }, "inside"], "inner");
      return "done";
    },
    after: { a: 3 },
  };
  const packet = encoder.encode(value, "value");
  assertSame(decode(packet), { before: { a: 1 }, nested: "done", after: { a: 3 } });
  assertSame(decode(inner!), [{ b: 2 }, "inside"]);
});

test("ValueEncoder.encode() copes with a getter that adds to the encoded value", () => {
  const items: unknown[] = [];
  items.push(trap(() => items.push("late")), 2);
  const [copy, behind] = sent([items, "behind"]) as [unknown[], string];
  assertEquals([copy.length, copy[1], behind], [2, 2, "behind"]);
  const map = new Map<unknown, unknown>();
  map.set(1, trap(() => map.set({}, "late")));
  assertEquals(refusalOf([map, "behind"]), "Cannot send value[0]: it changes while it is read");
  const set = new Set<unknown>();
  set.add(trap(() => set.clear()));
  set.add("gone");
  assertEquals(refusalOf([set, "behind"]), "Cannot send value[0]: it changes while it is read");
});

test("ValueEncoder keeps -0, NaN and the limits of integers", () => {
  for (const value of [0, -0, 255, 256, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 0.1, NaN, Infinity]) {
    assertStrictEquals(sent(value), value);
  }
});

test("ValueEncoder encodes objects of any class with public fields as plain objects", () => {
  class Point {
    x = 1;
    constructor(x: number) {
      this.x = x;
    }
    get double(): number {
      return 2 * this.x;
    }
  }
  assertSame(sent(new Point(4)), { x: 4 });
  assertSame(sent(Object.assign(Object.create(null), { a: 1 })), { a: 1 });
  assertSame(sent(Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } })), { own: 2 });
});

test("ValueEncoder omits the same properties as structuredClone", () => {
  const value = Object.defineProperty({ shown: 1, [Symbol("hidden")]: 2 }, "hidden", { value: 3 });
  assertSame(sent(value), { shown: 1 });
});

test("ValueEncoder encodes the value of a getter", () => {
  assertSame(
    sent({
      get now() {
        return 5;
      },
    }),
    { now: 5 },
  );
});

test("ValueEncoder encodes a property named __proto__ without changing the prototype", () => {
  const value = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}');
  const copy = sent(value);
  assertEquals(Object.getPrototypeOf(copy), Object.prototype);
  assertEquals(Object.keys(copy), ["__proto__", "a"]);
  assertStrictEquals(copy.polluted, undefined);
});

test("ValueEncoder encodes cycles through every container", () => {
  const map = new Map<unknown, unknown>();
  const set = new Set<unknown>([map]);
  const error = new Error("round");
  const all: Record<string, unknown> = { map, set, list: [set] };
  map.set(map, all).set("error", error);
  all.self = all;
  error.cause = all;
  const copy = sent(all) as typeof all;
  const copiedMap = copy.map as typeof map;
  assertStrictEquals(copy.self, copy);
  assertStrictEquals(copiedMap.get(copiedMap), copy);
  assertStrictEquals((copy.list as unknown[])[0], copy.set);
  assertStrictEquals((copiedMap.get("error") as Error).cause, copy);
});

test("ValueEncoder keeps views of one buffer on one buffer", () => {
  const buffer = new ArrayBuffer(BULK);
  const [bytes, doubles] = sent([new Uint8Array(buffer, 8, 16), new Float64Array(buffer, 16)]) as [
    Uint8Array,
    Float64Array,
  ];
  assertStrictEquals(bytes.buffer, doubles.buffer);
  assertEquals([bytes.byteOffset, bytes.length, doubles.byteOffset, doubles.length], [8, 16, 16, BULK / 8 - 2]);
});

for (const [name, channel] of CHANNELS) {
  test(`ValueEncoder copies large buffers at once, by ${name}`, () => {
    const bytes = new Uint8Array(BULK).fill(7);
    const packet = encode({ bytes }, channel);
    bytes.fill(9);
    assertEquals([packet.blobs.length, packet.end - packet.start < 100], [1, true]);
    const copy = (decode(packet) as { bytes: Uint8Array }).bytes;
    assertEquals([copy.length, copy[0], copy[BULK - 1]], [BULK, 7, 7]);
    assert(copy.buffer instanceof ArrayBuffer, "a task expects memory of its own");
  });
}

test("ValueEncoder rouses the other side only before it copies a large buffer", () => {
  const calls: string[] = [];
  for (const handsOver of [false, true]) {
    const encoder = new ValueEncoder({
      ...threadChannel(handsOver),
      allocate: (size) => (calls.push("allocate"), new ArrayBuffer(size)),
      wake: () => calls.push("rouse"),
    });
    encoder.encode(["small", new Uint8Array(100)], "args");
    assertEquals(calls, []);
    encoder.encode(new Uint8Array(BULK), "args");
    assertEquals(calls.splice(0), handsOver ? ["allocate"] : ["rouse", "allocate"]);
  }
});

test("ValueEncoder copies only a view's part of a larger buffer if the view has a subclass", () => {
  class Slice extends Uint8Array {}
  const slice = new Slice(new ArrayBuffer(1 << 20), 100, 3);
  slice.set([1, 2, 3]);
  const packet = encode(slice);
  assertEquals(packet.blobs.length, 0);
  const copy = decode(packet) as Uint8Array;
  assertEquals([copy.constructor, copy.byteOffset, copy.buffer.byteLength], [Uint8Array, 0, 3]);
  assertEquals([...copy], [1, 2, 3]);
});

test("ValueEncoder shares a SharedArrayBuffer with threads", () => {
  const memory = new SharedArrayBuffer(8);
  const copy = sent({ view: new Int32Array(memory) }, threadChannel(false));
  assertStrictEquals(copy.view.buffer, memory);
});

test("ValueEncoder lists moved buffers without detaching them", () => {
  for (const [name, channel] of CHANNELS) {
    const buffer = transfer(new Uint8Array([1, 2, 3]).buffer);
    const packet = encode([buffer, buffer], channel);
    assertEquals([packet.moved.length, packet.moved[0]], [1, buffer], name);
    assertEquals(buffer.byteLength, 3);
    const [first, second] = decode(packet) as ArrayBuffer[];
    assertStrictEquals(first, second);
    assertEquals([...new Uint8Array(first!)], [1, 2, 3]);
  }
});

function throws(fn: () => unknown): boolean {
  try {
    fn();
    return false;
  } catch {
    return true;
  }
}

function trap(spring: () => unknown): object {
  return {
    get sprung() {
      spring();
      return true;
    },
  };
}
