import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { Lock, SharedArray } from "../../mod.ts";
import { FLOATS, INTEGERS, isBig, item, TYPES } from "./types.ts";

/** For values that the types forbid. */
// deno-lint-ignore no-explicit-any
const Loose = SharedArray as any;

const VIEWS = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
  bigint64: BigInt64Array,
  biguint64: BigUint64Array,
};

for (const { type, bytes, least, most } of TYPES) {
  test(`SharedArray of ${type} holds zeros, or the given items, in shared memory`, () => {
    const zeros = new SharedArray(type, 3);
    assertEquals([zeros.type, zeros.length, [...zeros.view]], [type, 3, [0, 0, 0].map((zero) => item(type, zero))]);
    const array = new SharedArray(type, [least, item(type, 1), most]);
    assertStrictEquals(array.view.constructor, VIEWS[type]);
    assertStrictEquals(array.view.buffer.constructor, SharedArrayBuffer);
    assertEquals([array.view.byteLength, [...array.view]], [3 * bytes, [least, item(type, 1), most]]);
    // The view is on the memory itself.
    array.view[1] = item(type, 7) as never;
    assertEquals(array.at(1), item(type, 7));
    assertStrictEquals(array.view, array.view);
  });

  test(`SharedArray.set(), add() and compareExchange() of ${type} change one item and not its neighbours`, () => {
    const array = new SharedArray(type, [most, item(type, 5), least]);
    const items = () => [array.at(0), array.at(1), array.at(2)];
    array.set(1, item(type, 6));
    assertEquals(items(), [most, item(type, 6), least]);
    assertEquals([array.add(1, item(type, 3)), ...items()], [item(type, 6), most, item(type, 9), least]);
    assertEquals(array.compareExchange(1, item(type, 6), item(type, 1)), item(type, 9));
    assertEquals(array.compareExchange(1, item(type, 9), item(type, 1)), item(type, 9));
    assertEquals(items(), [most, item(type, 1), least]);
    array.set(0, least);
    array.set(2, most);
    assertEquals(items(), [least, item(type, 1), most]);
  });

  test(`SharedArray of ${type} rejects values of other types, and names the index`, () => {
    const wrong = isBig(type) ? 5 : 5n;
    const kind = isBig(type) ? "bigint" : "number";
    const array = new Loose(type, [item(type, 1)]);
    for (const bad of [wrong, "5", null, undefined, {}]) {
      const words = `must be a ${kind} to go into "${type}": current value is `;
      assertThrows(() => array.set(0, bad), TypeError, `Cannot set as 'value' ${words}`);
      assertThrows(() => array.add(0, bad), TypeError, `Cannot add as 'amount' ${words}`);
      assertThrows(() => array.compareExchange(0, bad, item(type, 1)), TypeError, "Cannot exchange as 'expected'");
      assertThrows(() => array.compareExchange(0, item(type, 1), bad), TypeError, "Cannot exchange as 'value'");
      assertThrows(() => new Loose(type, [item(type, 1), bad]), TypeError, `as items[1] ${words}`);
    }
    assertEquals(array.at(0), item(type, 1));
  });
}

test("SharedArray.at() counts from the end below 0, and returns undefined outside, like Array.at()", () => {
  const items = [10, 20, 30];
  const array = new SharedArray("int16", items);
  for (const index of [0, 1, 2, 3, -1, -2, -3, -4, 1.9, -0.5, -1.5, NaN, Infinity, -Infinity, 2 ** 32, -(2 ** 32)]) {
    assertEquals(array.at(index), items.at(index), `at(${index})`);
  }
});

test("SharedArray rejects writes outside, and invalid indexes", () => {
  const array = new Loose("float64", [1, 2]);
  for (const index of [-1, 2, 0.5, NaN, Infinity, -Infinity, 2 ** 32]) {
    const words = `'index' must be an integer from 0 to 1: current value is ${index}`;
    assertThrows(() => array.set(index, 0), RangeError, `Cannot set as ${words}`);
    assertThrows(() => array.add(index, 0), RangeError, `Cannot add as ${words}`);
    assertThrows(() => array.compareExchange(index, 0, 0), RangeError, `Cannot exchange as ${words}`);
  }
  for (const index of ["0", null, undefined, 0n, {}]) {
    assertThrows(() => array.set(index, 0), TypeError, "Cannot set as 'index' must be a number: current value is ");
  }
  assertEquals([...array.view], [1, 2]);
});

test("SharedArray may be empty", () => {
  for (const { type } of TYPES) {
    const array = new SharedArray(type, 0);
    assertEquals([array.length, array.at(0), array.at(-1)], [0, undefined, undefined]);
    assertThrows(() => array.set(0, item(type, 1)), RangeError, "Cannot set: the array is empty (index is 0)");
    assertEquals(new SharedArray(type, []).length, 0);
  }
});

test("SharedArray accepts items of any iterable, and copies them", () => {
  const source = [1, 2, 3];
  function* generate() {
    yield* source;
  }
  for (const items of [source, new Set(source), generate(), new Uint8Array(source), new Float64Array(source)]) {
    assertEquals([...new SharedArray("int32", items).view], source);
  }
  const typed = new Int32Array(source);
  const array = new SharedArray("int32", typed);
  typed[0] = 9;
  assertEquals(array.at(0), 1);
  assertEquals([...new SharedArray("int32", array.view).view], source);
  assertEquals([...new SharedArray("bigint64", new BigUint64Array([1n, 2n])).view], [1n, 2n]);
});

test("SharedArray accepts items that wrap around, and rejects fractions for integer types", () => {
  assertEquals([...new SharedArray("uint8", [256, -1, 255]).view], [0, 255, 255]);
  for (const items of [[1, 1.5], new Float64Array([1, 1.5])]) {
    const words = 'Cannot make a shared array as items[1] must be an integer to go into "int8": current value is 1.5';
    assertThrows(() => new SharedArray("int8", items), RangeError, words);
  }
  for (const { type } of INTEGERS.filter(({ type }) => !isBig(type))) {
    const array = new SharedArray(type, [1]);
    assertThrows(() => array.set(0, 0.5), RangeError, "must be an integer");
    assertThrows(() => array.add(0, NaN), RangeError, "must be an integer");
    assertThrows(() => array.compareExchange(0, 1, 0.5), RangeError, "must be an integer");
    assertEquals(array.at(0), 1);
  }
});

test("SharedArray of floats treats all NaN values as equal, and -0 as 0", () => {
  for (const { type } of FLOATS) {
    const array = new SharedArray(type, [NaN, -0]);
    const { buffer } = array.view;
    // A NaN with other bits than the one that a program writes.
    if (type === "float64") new BigInt64Array(buffer)[0]! |= 0xdeadn;
    else new Int32Array(buffer)[0]! |= 0xdead;
    assertEquals([array.at(0), array.compareExchange(0, NaN, 3), array.at(0)], [NaN, NaN, 3]);
    assertStrictEquals(array.compareExchange(1, 0, 4), -0);
    assertEquals(array.at(1), 4);
  }
});

test("SharedArray rejects a bad length, and values that are neither length nor items", () => {
  for (const length of [-1, 1.5, NaN, Infinity, -Infinity, 2 ** 53]) {
    assertThrows(
      () => new SharedArray("int8", length),
      RangeError,
      `Cannot make a shared array as 'lengthOrItems' must be an integer of at least 0: current value is ${length}`,
    );
  }
  for (const bad of [undefined, null, "123", "", {}, { length: 2 }, new DataView(new ArrayBuffer(8)), 3n, () => 1]) {
    assertThrows(
      () => new Loose("int8", bad),
      TypeError,
      "Cannot make a shared array as 'lengthOrItems' must be a length or an iterable: current value is ",
    );
  }
});

test("SharedArray throws RangeError if there is not enough memory", () => {
  const error = assertThrows(() => new SharedArray("float64", 2 ** 50), RangeError);
  assertEquals(
    error.message,
    `Cannot make a shared array: not enough memory (number of bytes is ${2 ** 53})`,
  );
  assertInstanceOf(error.cause, Error);
});

test("SharedArray throws TypeError for an unknown type, and names the types", () => {
  for (const type of ["int64", "__proto__", undefined, 8]) {
    const words = 'Cannot make a shared array as \'type\' must be one of "int8", "uint8"';
    assertThrows(() => new Loose(type, 1), TypeError, words);
  }
});

test("SharedArray leaves nothing if its items throw", () => {
  const items = {
    *[Symbol.iterator]() {
      yield 1;
      throw new Error("no more");
    },
  };
  assertThrows(() => new SharedArray("int8", items), Error, "no more");
  assertEquals([...new SharedArray("int8", [2]).view], [2]);
});

test("SharedArray.lock is always the same lock, and free initially", () => {
  const array = new SharedArray("int8", 1);
  assertInstanceOf(array.lock, Lock);
  assertStrictEquals(array.lock, array.lock);
  assert(!array.lock.locked);
});
