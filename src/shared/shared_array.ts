/**
 * An array of numbers in shared memory.
 *
 * @module
 */

import type { Integer } from "../core/cell.ts";
import { checkInteger, show } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import { Lock } from "../sync/lock.ts";
import { allocate, checkItem, checkType, type Elements, elementsOf, isItem, itemBytes } from "./elements.ts";
import { takeGiven, travelsBetweenThreads } from "./sharing.ts";
import type { SharedItem, SharedType, SharedView } from "./types.ts";

interface Given {
  readonly type: SharedType;
  readonly memory: SharedArrayBuffer;
  readonly lock: Lock;
}

/**
 * A fixed-length array of numbers or bigints that threads share.
 *
 * Pass the array to a task in a thread as an argument; nothing is copied. `at`, `set`, `add` and `compareExchange` are
 * atomic, for floats too; compound operations need `lock`. `view` is the plain memory as a typed array: the fastest way
 * for threads that have their own parts or take turns. An array cannot be passed to a process, as processes share no
 * memory.
 *
 * Integers wrap around as in a typed array of their type; an integer type rejects fractions. **Cost.** Each operation
 * is O(1) and makes no system call. Passing an array costs the same whatever its length. **Memory.** A thread that
 * reads an item with `at` sees everything that was written before that item.
 *
 * @typeParam T the name of the item type.
 *
 * @example Sum parts in several threads
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline, SharedArray, ThreadPoolExecutor } from "@heddle/heddle";
 *
 * const pool = new ThreadPoolExecutor({ maxWorkers: 2 });
 * const numbers = new SharedArray("float64", [0.5, 1.5, 2, 4]);
 * const sum = new SharedArray("float64", 1);
 * const addUp = inline(
 *   (numbers: SharedArray<"float64">, sum: SharedArray<"float64">, from: number, to: number): void => {
 *     sum.add(0, numbers.view.subarray(from, to).reduce((a, b) => a + b));
 *   },
 * );
 * await Promise.all([pool.submit(addUp, numbers, sum, 0, 2), pool.submit(addUp, numbers, sum, 2, 4)]);
 * assertEquals(sum.at(-1), 8);
 * await pool.shutdown();
 * ```
 */
export class SharedArray<T extends SharedType = SharedType> {
  readonly #type: T;
  readonly #elements: Elements;
  readonly #length: number;
  /** Created on first use, or before the array is shared: otherwise two threads could create two locks. */
  #lock: Lock | undefined;

  static {
    travelsBetweenThreads<SharedArray, Given>(
      this,
      "SharedArray",
      import.meta.url,
      (array) => ({ type: array.#type, memory: array.#elements.view.buffer, lock: array.lock }),
      ({ type }) => new SharedArray(type, 0),
    );
    printsAs(this, "SharedArray", ["type", "length"]);
  }

  /**
   * Creates an array.
   *
   * @param type the name of the item type.
   * @param lengthOrItems the length of a zeroed array, or the items, which are copied.
   * @throws {TypeError} if there is no such type, or an item does not fit it.
   * @throws {RangeError} if the length is negative, the memory cannot be allocated, or an integer type gets a fraction
   * or NaN.
   */
  constructor(type: T, lengthOrItems: number | Iterable<SharedItem<T>>) {
    const given = takeGiven<Given>();
    this.#type = type;
    if (given !== undefined) {
      this.#elements = elementsOf(type, given.memory);
      this.#lock = given.lock;
    } else {
      checkType("Cannot make a shared array as 'type'", type);
      this.#elements = typeof lengthOrItems === "number"
        ? zeros(type, checkInteger("Cannot make a shared array as 'lengthOrItems'", lengthOrItems, 0))
        : filled(type, lengthOrItems);
    }
    this.#length = this.#elements.view.length;
  }

  /** The name of the item type. */
  get type(): T {
    return this.#type;
  }

  /** The number of items. */
  get length(): number {
    return this.#length;
  }

  /** The plain memory as a typed array. Reads and writes through it are not atomic. */
  get view(): SharedView<T> {
    return this.#elements.view as SharedView<T>;
  }

  /** A lock for the array, the same in all threads. Taking it is a convention: other operations ignore it. */
  get lock(): Lock {
    return this.#lock ??= new Lock();
  }

  /**
   * Reads an item atomically. As in `Array.at`, a negative index counts from the end; undefined if the index is out of
   * range.
   */
  at(index: number): SharedItem<T> | undefined {
    const whole = Math.trunc(index) || 0;
    const place = whole < 0 ? whole + this.#length : whole;
    if (place < 0 || place >= this.#length) return undefined;
    return this.#elements.load(place) as SharedItem<T>;
  }

  /**
   * Writes an item atomically.
   *
   * @throws {TypeError} if `value` does not fit the type.
   * @throws {RangeError} if `index` is out of range, or `value` is a fraction or NaN and the type is an integer type.
   */
  set(index: number, value: SharedItem<T>): void {
    this.#check("Cannot set", index);
    checkItem("Cannot set as 'value'", this.#type, value);
    this.#elements.store(index, value);
  }

  /**
   * Adds to an item atomically. Integers wrap around.
   *
   * @param index the index of the item.
   * @param amount the amount to add; negative to subtract.
   * @returns the previous item, as `Atomics.add` does.
   * @throws {TypeError} if `amount` does not fit the type.
   * @throws {RangeError} if `index` is out of range, or `amount` is a fraction or NaN and the type is an integer type.
   */
  add(index: number, amount: SharedItem<T>): SharedItem<T> {
    this.#check("Cannot add", index);
    checkItem("Cannot add as 'amount'", this.#type, amount);
    return this.#elements.add(index, amount) as SharedItem<T>;
  }

  /**
   * Replaces an item atomically if it equals `expected`. Items are compared as by `Array.includes`: NaN equals NaN, and
   * -0 equals 0.
   *
   * @param index the index of the item.
   * @param expected the expected item, converted to the item type: `"float32"` rounds 0.1.
   * @param value the replacement.
   * @returns the previous item, as `Atomics.compareExchange` does: the item was replaced if this equals `expected`.
   * @throws {TypeError} if `expected` or `value` does not fit the type.
   * @throws {RangeError} if `index` is out of range, or a value is a fraction or NaN and the type is an integer type.
   */
  compareExchange(index: number, expected: SharedItem<T>, value: SharedItem<T>): SharedItem<T> {
    this.#check("Cannot exchange", index);
    checkItem("Cannot exchange as 'expected'", this.#type, expected);
    checkItem("Cannot exchange as 'value'", this.#type, value);
    return this.#elements.compareExchange(index, expected as Integer, value as Integer) as SharedItem<T>;
  }

  #check(what: string, index: number): void {
    if (Number.isInteger(index) && index >= 0 && index < this.#length) return;
    if (this.#length === 0) throw new RangeError(`${what}: the array is empty (index is ${show(index)})`);
    checkInteger(`${what} as 'index'`, index, 0, this.#length - 1);
  }
}

function zeros(type: SharedType, length: number): Elements {
  return elementsOf(type, allocate("Cannot make a shared array", length * itemBytes(type)));
}

function filled(type: SharedType, items: unknown): Elements {
  if (typeof items !== "object" || items === null || !(Symbol.iterator in items)) {
    throw new TypeError(
      `Cannot make a shared array as 'lengthOrItems' must be a length or an iterable: current value is ${show(items)}`,
    );
  }
  const list = ArrayBuffer.isView(items) ? items as unknown as Integer[] : [...items as Iterable<Integer>];
  const elements = zeros(type, list.length);
  const view = elements.view as unknown as { set(items: readonly Integer[]): void; readonly constructor: unknown };
  // Every item of a typed array of the same type fits.
  if (list.constructor !== view.constructor) {
    for (let i = 0; i < list.length; i++) {
      if (!isItem(type, list[i])) checkItem(`Cannot make a shared array as items[${i}]`, type, list[i]);
    }
  }
  view.set(list);
  return elements;
}
