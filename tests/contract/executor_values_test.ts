// Tests the values that can be passed to a task and returned.

import { assert, assertEquals, assertInstanceOf, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { transfer } from "../../mod.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, INLINE, type Stage, testEach, THREADS } from "../support/executors.ts";

const SHARING = [INLINE, THREADS];

/** Values by group and name, compared after a round trip. */
const VALUES: Record<string, Record<string, unknown>> = {
  primitives: {
    undefined: undefined,
    null: null,
    true: true,
    false: false,
    zero: 0,
    "minus zero": -0,
    NaN: NaN,
    infinities: [Infinity, -Infinity],
    "small integers": [1, -1, 127, 128, 255, 256, -256],
    "32 bit edges": [2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32 - 1, 2 ** 32],
    "large numbers": [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, Number.MAX_VALUE, Number.MIN_VALUE, 0.1],
    bigints: [0n, -1n, 2n ** 64n, -(2n ** 200n)],
  },
  strings: {
    empty: "",
    ascii: "plain",
    latin: "ÿ and é",
    wide: "日本語 and 🧵",
    "a lone surrogate": ["\ud800", "a\udc00b", "\udfff\ud800"],
    zero: "a\0b",
    "a byte order mark": "\ufeffbom",
    long: "x".repeat(100_000) + "ü",
    "long and wide": "ß🧵".repeat(50_000),
  },
  objects: {
    empty: {},
    nested: { a: { b: { c: [1, [2, [3]]] } } },
    "odd keys": { "": 1, "a b": 2, "0": 3, "ключ": 4, constructor: 5, toString: 6, hasOwnProperty: 7 },
    "undefined properties": { a: undefined, b: null },
    "no prototype": Object.assign(Object.create(null), { a: 1 }),
    records: Array.from({ length: 100 }, (_, id) => ({ id, name: `n${id}`, tags: ["a", "b"] })),
  },
  arrays: {
    empty: [],
    mixed: [1, "two", null, undefined, [], {}],
    long: Array.from({ length: 10_000 }, (_, i) => i * 1.5),
  },
  collections: {
    "empty ones": [new Map(), new Set()],
    map: new Map<unknown, unknown>([["a", 1], [2, new Map([["inner", [1]]])], [NaN, -0], [null, undefined]]),
    set: new Set<unknown>(["a", 1, NaN, null, undefined]),
    "keys that are objects": new Map([[{ key: 1 }, { value: 2 }]]),
  },
  "built-in objects": {
    date: new Date(1_700_000_000_000),
    "an invalid date": new Date(NaN),
    expressions: [/a+b/giu, /[/\n]/s, new RegExp("")],
    boxed: [Object(1), Object("text"), Object(true), Object(2n)],
  },
  bytes: {
    buffer: new Uint8Array([1, 2, 3]).buffer,
    "an empty buffer": new ArrayBuffer(0),
    arrays: [
      new Int8Array([-1]),
      new Uint8Array([255]),
      new Uint8ClampedArray([300]),
      new Int16Array([-2]),
      new Uint16Array([65_535]),
      new Int32Array([-3]),
      new Uint32Array([2 ** 32 - 1]),
      new Float32Array([1.5]),
      new Float64Array([NaN, -0, 0.1]),
      new BigInt64Array([-1n]),
      new BigUint64Array([2n ** 64n - 1n]),
    ],
    "data view": new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2),
    "a large array": new Uint8Array(300_000).map((_, i) => i),
    "many large arrays": Array.from({ length: 5 }, (_, i) => new Float64Array(20_000).fill(i)),
  },
};

for (const [group, values] of Object.entries(VALUES)) {
  testEach(ALL, `carries ${group} there and back`, async ({ shared }) => {
    const pool = shared();
    for (const [name, value] of Object.entries(values)) {
      const back = await pool.submit(tasks.echo, value);
      assertEquals(back, value, `${name} came back as something else`);
      if (typeof value !== "object" || value === null) assertStrictEquals(back, value, name);
      else assertNotStrictEquals(back, value, name);
    }
  });
}

async function echoed<T>({ shared }: Stage, value: T): Promise<T> {
  return await shared().submit(tasks.echo, value) as T;
}

testEach(ALL, "distinguishes -0 from 0 inside values", async (stage) => {
  const back = await echoed(stage, { list: [-0, 0], map: new Map([["zero", -0]]) });
  assertStrictEquals(back.list[0], -0);
  assertStrictEquals(back.list[1], 0);
  assertStrictEquals(back.map.get("zero"), -0);
});

testEach(ALL, "keeps the holes of sparse arrays and their own properties", async (stage) => {
  const sparse: number[] & { note?: string } = [];
  sparse[2] = 1;
  sparse.length = 1_000_000;
  sparse.note = "kept";
  const back = await echoed(stage, sparse);
  assertEquals(back.length, 1_000_000);
  assertEquals(Object.keys(back), ["2", "note"]);
  assertEquals(back.note, "kept");
  assert(!(0 in back));
});

testEach(ALL, "keeps cycles and repeated references", async (stage) => {
  interface Ring {
    self?: Ring;
    list: unknown[];
    map: Map<unknown, unknown>;
    set: Set<unknown>;
  }
  const shared = { n: 1 };
  const ring: Ring = { list: [shared, shared], map: new Map(), set: new Set() };
  ring.self = ring;
  ring.list.push(ring.list);
  ring.map.set(ring, ring.map);
  ring.set.add(ring.set);
  const back = await echoed(stage, ring);
  assertStrictEquals(back.self, back);
  assertStrictEquals(back.list[0], back.list[1]);
  assertStrictEquals(back.list[2], back.list);
  assertStrictEquals(back.map.get(back), back.map);
  assert(back.set.has(back.set));
});

testEach(ALL, "keeps the identity of an object that occurs in two arguments", async ({ shared }) => {
  const twice = { n: 1 };
  const handed = await shared().submit(tasks.echo, [twice, { again: twice }]) as [
    object,
    { again: object },
  ];
  assertStrictEquals(handed[0], handed[1].again);
});

testEach(ALL, "treats a key named __proto__ as data", async (stage) => {
  const hostile = JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}');
  const back = await echoed<Record<string, unknown>>(stage, hostile);
  assertEquals(Object.keys(back), ["__proto__", "constructor"]);
  assertStrictEquals(Object.getPrototypeOf(back), Object.prototype);
  assertEquals(Object.getOwnPropertyDescriptor(back, "__proto__")?.value, { polluted: true });
  assertStrictEquals((back as { polluted?: unknown }).polluted, undefined);
  assertStrictEquals(({} as { polluted?: unknown }).polluted, undefined);
});

testEach(ALL, "copies the own properties of an instance into a plain object", async (stage) => {
  class Point {
    x: number;
    y: number;
    constructor(x: number, y: number) {
      this.x = x;
      this.y = y;
    }
    get length(): number {
      return Math.hypot(this.x, this.y);
    }
  }
  const back = await echoed<object>(stage, new Point(3, 4));
  assertEquals(back, { x: 3, y: 4 });
});

testEach(ALL, "keeps views of one buffer on one buffer", async (stage) => {
  const buffer = new ArrayBuffer(16);
  const { bytes, words, all } = await echoed(stage, {
    bytes: new Uint8Array(buffer, 4, 4),
    words: new Uint16Array(buffer, 4, 2),
    all: buffer,
  });
  assertStrictEquals(bytes.buffer, all);
  assertStrictEquals(words.buffer, all);
  assertEquals([bytes.byteOffset, bytes.length, words.byteOffset, words.length], [4, 4, 4, 2]);
  bytes[0] = 9;
  assertEquals(words[0], 9);
});

testEach(ALL, "carries errors nested in values", async (stage) => {
  const { list, map } = await echoed(stage, {
    list: [new TypeError("first", { cause: new Error("why") })],
    map: new Map([["error", Object.assign(new RangeError("second"), { code: "E" })]]),
  });
  assertInstanceOf(list[0], TypeError);
  assertEquals(list[0].message, "first");
  assertEquals((list[0].cause as Error).message, "why");
  assertInstanceOf(map.get("error"), RangeError);
  assertEquals(map.get("error")!.code, "E");
});

testEach(ALL, "copies values that are neither shared nor moved", async ({ shared }) => {
  const bytes = new Uint8Array([1, 2]);
  const pool = shared();
  assertEquals(await pool.submit(tasks.writeFirst, bytes, 9), 9);
  assertEquals(bytes[0], 1);
});

testEach(SHARING, "shares the memory of a SharedArrayBuffer", async ({ shared }) => {
  const memory = new Uint8Array(new SharedArrayBuffer(4));
  const pool = shared();
  assertEquals(await pool.submit(tasks.writeFirst, memory, 9), 9);
  assertEquals(memory[0], 9);
  const back = await pool.submit(tasks.echo, memory) as Uint8Array;
  assertInstanceOf(back.buffer, SharedArrayBuffer);
  back[1] = 8;
  assertEquals(memory[1], 8);
});

testEach(ALL, "moves a buffer marked by transfer(), and detaches it when the call is accepted", async ({ shared }) => {
  const pool = shared();
  for (const size of [8, 100_000]) {
    const bytes = new Uint8Array(size).fill(3);
    const future = pool.submit(tasks.echo, { bytes: transfer(bytes), other: 1 });
    assertEquals(bytes.length, 0);
    assert(bytes.buffer.detached);
    const back = await future as { bytes: Uint8Array };
    assertEquals(back.bytes.length, size);
    assertEquals([back.bytes[0], back.bytes.at(-1)], [3, 3]);
  }
});

testEach(ALL, "moves a buffer that a task transfers with its result", async ({ shared }) => {
  const pool = shared();
  for (const size of [8, 100_000]) {
    const bytes = await pool.submit(tasks.giveBytes, size);
    assertEquals([bytes.length, bytes[0], bytes.at(-1)], [size, 7, 7]);
  }
});
