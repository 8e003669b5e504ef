// Tests which values pass through a shared queue unchanged, and that refused values do not affect it.

import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { Lock, SharedQueue, transfer } from "../../mod.ts";
import { QueueEmptyError, QueueFullError, QueueShutDownError } from "../../src/core/errors.ts";
import { SharedLifoQueue } from "../../src/queue/shared/shared_lifo_queue.ts";
import { seeded } from "../core/random.ts";
import { assertSame } from "../wire/same.ts";
import { randomValue } from "../wire/values.ts";

function there<T>(item: T, bytes = 2 ** 22): T {
  const queue = new SharedQueue<T>({ bytes });
  queue.putSync(item);
  return queue.getSync();
}

const circle: Record<string, unknown> = { name: "circle" };
circle.self = circle;
const shared = { part: 1 };

const VALUES: Record<string, unknown[]> = {
  "numbers": [0, -0, 1, 255, 256, -1, 2 ** 31, 2 ** 53, 0.1, NaN, Infinity, Number.MIN_VALUE],
  "other primitives": [undefined, null, true, false, "", "text", "\ud800", "日本語 🧵", "\ufeff", 0n, -(2n ** 200n)],
  "objects": [{}, { a: { b: [1, [2]] } }, circle, [shared, shared], [1, , 3], { "": 1, "a b": undefined }],
  "collections": [new Map<unknown, unknown>([["a", new Set([1, NaN])], [{ k: 1 }, null]]), new Set()],
  "built-in objects": [new Date(5), new Date(NaN), /a+b/giu, Object(1), Object("text"), Object(2n)],
  "bytes": [
    new Uint8Array([1, 2, 3]),
    new Float64Array([NaN, -0, 0.1]),
    new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2),
    new ArrayBuffer(0),
    new Uint8Array(300_000).map((_, i) => i),
  ],
  "what takes many pieces": [
    "x".repeat(100_000),
    "ß🧵".repeat(50_000),
    Array.from({ length: 5_000 }, (_, i) => i * 1.5),
  ],
};

for (const [what, items] of Object.entries(VALUES)) {
  test(`SharedQueue passes ${what}`, () => {
    for (const item of items) assertSame(there(item), item);
    // Pass all of them again, one after another.
    const queue = new SharedQueue<unknown>({ bytes: 2 ** 22 });
    for (const item of items) queue.putSync(item);
    for (const item of items) assertSame(queue.getSync(), item);
  });
}

test("SharedQueue passes values of any shape", () => {
  const random = seeded(3);
  const queue = new SharedQueue<unknown>({ bytes: 2 ** 22 });
  const waiting: unknown[] = [];
  for (let i = 0; i < 3_000; i++) {
    const value = randomValue(random);
    if (queue.tryPut(value)) waiting.push(value);
    while (waiting.length > random.below(20)) assertSame(queue.getSync(), waiting.shift());
  }
});

test("SharedQueue passes errors with all properties", () => {
  const error = Object.assign(new RangeError("far", { cause: new TypeError("near") }), { code: "E1", data: { a: 1 } });
  const got = there(error);
  assertInstanceOf(got, RangeError);
  assertInstanceOf(got.cause, TypeError);
  assertEquals([got.message, got.code, got.data, got.stack], [error.message, "E1", { a: 1 }, error.stack]);
  const many = there(new AggregateError([new QueueFullError("full", { value: 5 }), "text"], "many"));
  assertInstanceOf(many.errors[0], QueueFullError);
  assertEquals([many.errors[0].value, many.errors[1]], [5, "text"]);
  const aborted = there(new DOMException("enough", "AbortError"));
  assertEquals([aborted instanceof DOMException, aborted.name], [true, "AbortError"]);
});

test("SharedQueue treats __proto__ and similar keys as data", () => {
  const item = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2, "toString": 3}');
  const got = there(item);
  assertSame(got, item);
  assertEquals([Object.keys(got), Object.getPrototypeOf(got) === Object.prototype], [
    ["__proto__", "constructor", "toString"],
    true,
  ]);
  assertEquals(({} as { polluted?: number }).polluted, undefined);
  const map = there(new Map([["__proto__", 1]]));
  assertEquals(map.get("__proto__"), 1);
});

test("SharedQueue holds copies: later changes of an item have no effect", async () => {
  const queue = new SharedQueue<{ n: number[] }>({ maxSize: 1 });
  const item = { n: [1] };
  queue.putSync(item);
  item.n.push(2);
  // This also holds while an item waits for room.
  const wait = queue.put(item);
  item.n.push(3);
  assertEquals([queue.getSync(), queue.getSync()], [{ n: [1] }, { n: [1, 2] }]);
  await wait;
});

const { port1, port2 } = new MessageChannel();
port1.close(), port2.close();

const REFUSED: [string, unknown, string][] = [
  ["a function", { on: { done: () => {} } }, "Cannot send item.on.done: a function cannot travel"],
  ["a symbol", [1, Symbol()], "Cannot send item[1]: a symbol cannot travel"],
  ["a promise", { later: Promise.resolve() }, "Cannot send item.later: an instance of Promise"],
  ["a SharedArrayBuffer", { a: [new SharedArrayBuffer(8)] }, "Cannot send item.a[0]: a SharedArrayBuffer cannot be"],
  ["a lock", new Map([["lock", new Lock()]]), 'Cannot send item.get("lock"): a Lock cannot be turned into bytes'],
  [
    "a queue",
    { queue: new SharedLifoQueue() },
    "Cannot send item.queue: a SharedLifoQueue cannot be turned into bytes",
  ],
  ["a port", { port: port1 }, "Cannot send item.port: an instance of MessagePort cannot"],
  [
    "a port to be moved",
    { port: transfer(port2) },
    "Cannot send item.port: an instance of MessagePort cannot be turned",
  ],
];

for (const [what, item, message] of REFUSED) {
  test(`SharedQueue.put() refuses ${what} and names the path; the next item arrives`, async () => {
    const queue = new SharedQueue<unknown>();
    const got = queue.get();
    for (const put of [() => queue.put(item), () => queue.putSync(item), () => queue.tryPut(item)]) {
      const error = await assertRejects(async () => await put(), DOMException, message);
      assertEquals((error as DOMException).name, "DataCloneError");
    }
    assertEquals([queue.size, queue.unfinished], [0, 0]);
    await queue.put("good");
    assertEquals(await got, "good");
  });
}

test("SharedQueue.put() refuses an item that can never fit, with both sizes; the next one arrives", async () => {
  const queue = new SharedQueue<Uint8Array>({ bytes: 1_000 });
  const large = new Uint8Array(2_000);
  for (const put of [() => queue.put(large), () => queue.putSync(large), () => queue.tryPut(large)]) {
    const error = await assertRejects(
      async () => await put(),
      RangeError,
      "Cannot put an item into a queue of 1000 bytes",
    );
    assert(/: its size is 20\d\d bytes$/.test((error as Error).message), (error as Error).message);
  }
  // This does not depend on how full the queue is.
  queue.putSync(new Uint8Array(500));
  await assertRejects(() => queue.put(large, { timeout: 1 }), RangeError);
  assertEquals([queue.size, queue.getSync().length], [1, 500]);
  queue.putSync(new Uint8Array(900));
  assertEquals(queue.getSync().length, 900);
});

test("SharedQueue.put() waits while the bytes are used up", async () => {
  const queue = new SharedQueue<string>({ bytes: 4 * 64 });
  const [small, large] = ["small", "large".repeat(35)];
  assertEquals([queue.tryPut(small), queue.tryPut(small), queue.full], [true, true, false]);
  assertEquals([queue.tryPut(large), queue.size], [false, 2]);
  const wait = queue.put(large);
  // The large item stays first, even if later items are small.
  assertEquals(queue.tryPut(small), false);
  const late = await assertRejects(() => queue.put(small, { timeout: 0 }), QueueFullError);
  assertEquals((late as QueueFullError).value, small);
  assertEquals([queue.getSync(), queue.getSync()], [small, small]);
  await wait;
  assertEquals([queue.tryPut(small), queue.full, queue.tryPut(small)], [true, true, false]);
  assertEquals([queue.getSync(), queue.getSync(), queue.empty], [large, small, true]);
});

test("SharedQueue.put() of a large item that is aborted lets the next ones proceed", async () => {
  const queue = new SharedQueue<string>({ bytes: 4 * 64 });
  queue.putSync("one");
  const controller = new AbortController();
  const large = queue.put("large".repeat(45), { signal: controller.signal });
  const small = queue.put("two");
  const failed = assertRejects(() => large);
  controller.abort("enough");
  assertStrictEquals(await failed, "enough");
  await small;
  assertEquals([queue.getSync(), queue.getSync(), queue.empty], ["one", "two", true]);
});

test("SharedQueue.put() detaches transferred buffers when the item is in, not before", async () => {
  const queue = new SharedQueue<unknown>({ maxSize: 1 });
  const bytes = new Uint8Array([1, 2, 3]);
  queue.putSync({ bytes: transfer(bytes) });
  assertEquals([bytes.length, bytes.buffer.detached], [0, true]);
  const kept = new Uint8Array([4]);
  transfer(kept);
  await assertRejects(() => queue.put(kept, { timeout: 0 }), QueueFullError);
  assertThrows(() => queue.putSync(kept, { timeout: 0 }), QueueFullError);
  assertEquals([queue.tryPut(kept), kept.length], [false, 1]);
  const wait = queue.put(kept);
  assertEquals(kept.length, 1);
  assertEquals(queue.getSync(), { bytes: new Uint8Array([1, 2, 3]) });
  await wait;
  assertEquals([kept.length, queue.getSync()], [0, new Uint8Array([4])]);
});

test("new SharedQueue() rejects invalid sizes", () => {
  for (const bytes of [0, -1, 0.5, 100.5, NaN, Infinity, 2 ** 31]) {
    assertThrows(() => new SharedQueue({ bytes }), RangeError, "Cannot make a queue as 'bytes'");
  }
  for (const bytes of ["1", null]) assertThrows(() => new SharedQueue({ bytes: bytes as never }), TypeError, "'bytes'");
  for (const maxSize of [0.5, NaN]) assertThrows(() => new SharedQueue({ maxSize }), RangeError, "'maxSize'");
  for (const options of [null, 5]) assertThrows(() => new SharedQueue(options as never), TypeError, "'options'");
  const queue = new SharedQueue({ maxSize: -5, bytes: 1 });
  assertEquals([queue.maxSize, queue.full, new SharedQueue({ maxSize: 2 ** 40 }).maxSize], [-5, false, 2 ** 40]);
});

test("SharedQueue.getSync() and putSync() throw the same errors as get() and put()", () => {
  const queue = new SharedQueue<number>({ maxSize: 1 });
  for (const timeout of [0, 0.01, 5]) {
    assertThrows(() => queue.getSync({ timeout }), QueueEmptyError, `Cannot get from a queue within ${timeout} ms`);
  }
  queue.putSync(1);
  for (const timeout of [0, 0.01, 5]) {
    const error = assertThrows(() => queue.putSync(2, { timeout }), QueueFullError, `within ${timeout} ms`);
    assertEquals((error as QueueFullError).value, 2);
  }
  const signal = AbortSignal.abort("enough");
  for (const call of [() => queue.getSync({ signal }), () => queue.putSync(2, { signal })]) {
    let thrown: unknown;
    try {
      call();
    } catch (error) {
      thrown = error;
    }
    assertEquals(thrown, "enough");
  }
  for (const timeout of [-1, NaN]) {
    assertThrows(() => queue.getSync({ timeout }), RangeError, "Cannot get");
    assertThrows(() => queue.putSync(2, { timeout }), RangeError, "Cannot put");
  }
  queue.shutdown();
  assertEquals([queue.size, queue.getSync()], [1, 1]);
  assertThrows(() => queue.getSync(), QueueShutDownError, "is empty");
  const error = assertThrows(() => queue.putSync(3), QueueShutDownError, "Cannot put");
  assertEquals((error as QueueShutDownError).value, 3);
});

test("SharedQueue has all its memory free again after it was filled and drained", () => {
  const queue = new SharedQueue<string>({ bytes: 64 * 100 });
  const random = seeded(5);
  for (let round = 0; round < 300; round++) {
    while (queue.tryPut("x".repeat(random.below(1_000))));
    while (!queue.empty) queue.getSync();
  }
  for (let i = 0; i < 100; i++) assert(queue.tryPut("x"));
  assert(queue.full);
});
