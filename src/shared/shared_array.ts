/**
 * A row of numbers that several threads see.
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
 * A row of numbers, or bigints, of fixed length that all threads see that are given it.
 *
 * Pass it to a task, in a thread, as an argument: nothing is copied. `at`, `set`, `add` and `compareExchange` are one step
 * each, for floats too, and for what takes more than one there is `lock`. `view` is the bare memory as a typed array: the fast
 * way for threads that each have a part of their own, or take turns. In processes it is refused, as they share no memory here.
 *
 * Integers wrap around as in a typed array of their type; a float that is no integer is refused there. **Cost.** Each of the
 * operations is O(1), and makes no call of the system; to pass the array costs the same whatever its length. **Memory.** Who
 * reads an item with `at` sees everything that was done before it was written.
 *
 * @typeParam T the name of the type of its items.
 *
 * @example Each thread has a part, and all add to one item
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
  /** As most never need it, it is made when it is asked for, or before another thread could ask for one of its own. */
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
   * Makes an array.
   *
   * @param type the name of the type of its items.
   * @param lengthOrItems how many zeros it holds, or the items, which are copied.
   * @throws {TypeError} if there is no such type, or if an item is not of it.
   * @throws {RangeError} if the length is negative, or more than there is memory for.
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
        ? zeros(type, checkInteger("Cannot make a shared array as its length", lengthOrItems, 0))
        : filled(type, lengthOrItems);
    }
    this.#length = this.#elements.view.length;
  }

  /** The name of the type of its items. */
  get type(): T {
    return this.#type;
  }

  /** How many items there are. */
  get length(): number {
    return this.#length;
  }

  /** The memory itself, as a typed array. What is read and written there are no steps that other threads see whole. */
  get view(): SharedView<T> {
    return this.#elements.view as SharedView<T>;
  }

  /** A lock that belongs to the array: the same one in all threads. Nothing but custom makes anybody take it. */
  get lock(): Lock {
    return this.#lock ??= new Lock();
  }

  /** Reads an item in one step; as in `Array.at` a negative index counts from the end, and there is undefined outside. */
  at(index: number): SharedItem<T> | undefined {
    const whole = Math.trunc(index) || 0;
    const place = whole < 0 ? whole + this.#length : whole;
    if (place < 0 || place >= this.#length) return undefined;
    return this.#elements.load(place) as SharedItem<T>;
  }

  /**
   * Writes an item, in one step.
   *
   * @throws {TypeError} if `value` is not of the type.
   * @throws {RangeError} if there is no item at `index`, or if `value` is a fraction, or NaN, and the type is one of integers.
   */
  set(index: number, value: SharedItem<T>): void {
    this.#check("Cannot set", index);
    checkItem("Cannot set as 'value'", this.#type, value);
    this.#elements.store(index, value);
  }

  /**
   * Adds to an item, in one step. An integer wraps around.
   *
   * @param index which one.
   * @param amount what is added; a negative one is taken away.
   * @returns the item before, as `Atomics.add` does.
   * @throws {TypeError} if `amount` is not of the type.
   * @throws {RangeError} if there is no item at `index`, or if `amount` is a fraction, or NaN, and the type is one of integers.
   */
  add(index: number, amount: SharedItem<T>): SharedItem<T> {
    this.#check("Cannot add", index);
    checkItem("Cannot add as 'amount'", this.#type, amount);
    return this.#elements.add(index, amount) as SharedItem<T>;
  }

  /**
   * Replaces an item if it is the one that is expected, in one step. Items are the same as for `Array.includes`: NaN is the same
   * as NaN, and -0 as 0.
   *
   * @param index which one.
   * @param expected what it should be. As items of the type are: 0.1 is rounded for a `"float32"`.
   * @param value what it becomes then.
   * @returns the item before, as `Atomics.compareExchange` does: it was replaced if that is the expected one.
   * @throws {TypeError} if one of the values is not of the type.
   * @throws {RangeError} if there is no item at `index`, or if a value is a fraction, or NaN, and the type is one of integers.
   */
  compareExchange(index: number, expected: SharedItem<T>, value: SharedItem<T>): SharedItem<T> {
    this.#check("Cannot exchange", index);
    checkItem("Cannot exchange as 'expected'", this.#type, expected);
    checkItem("Cannot exchange as 'value'", this.#type, value);
    return this.#elements.compareExchange(index, expected as Integer, value as Integer) as SharedItem<T>;
  }

  #check(what: string, index: number): void {
    if (Number.isInteger(index) && index >= 0 && index < this.#length) return;
    if (this.#length === 0) throw new RangeError(`${what} as the array is empty: 'index' is ${show(index)}`);
    checkInteger(`${what} as 'index'`, index, 0, this.#length - 1);
  }
}

function zeros(type: SharedType, length: number): Elements {
  return elementsOf(type, allocate("Cannot make a shared array", length * itemBytes(type)));
}

function filled(type: SharedType, items: unknown): Elements {
  if (typeof items !== "object" || items === null || !(Symbol.iterator in items)) {
    throw new TypeError(
      `Cannot make a shared array as its items must be a length or an iterable: current value is ${show(items)}`,
    );
  }
  const list = ArrayBuffer.isView(items) ? items as unknown as Integer[] : [...items as Iterable<Integer>];
  const elements = zeros(type, list.length);
  const view = elements.view as unknown as { set(items: readonly Integer[]): void; readonly constructor: unknown };
  // All of another typed array of the same type fit.
  if (list.constructor !== view.constructor) {
    for (let i = 0; i < list.length; i++) {
      if (!isItem(type, list[i])) checkItem(`Cannot make a shared array as items[${i}]`, type, list[i]);
    }
  }
  view.set(list);
  return elements;
}
