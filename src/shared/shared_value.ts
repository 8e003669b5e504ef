/**
 * A number that several threads see.
 *
 * @module
 */

import type { Integer } from "../core/cell.ts";
import { printsAs } from "../core/inspect.ts";
import { Lock } from "../sync/lock.ts";
import { allocate, checkItem, checkType, type Elements, elementsOf, itemBytes } from "./elements.ts";
import { takeGiven, travelsBetweenThreads } from "./sharing.ts";
import type { SharedItem, SharedType } from "./types.ts";

interface Given {
  readonly type: SharedType;
  readonly memory: SharedArrayBuffer;
  readonly lock: Lock;
}

/**
 * A number, or a bigint, that all threads see that are given it.
 *
 * Pass it to a task, in a thread, as an argument. Reading, writing, `add` and `compareExchange` are one step each, for floats
 * too. What takes more than one step, as `counter.value *= 2` does, needs `lock`, or a loop around `compareExchange`. In
 * processes it is refused, as they share no memory here.
 *
 * Integers wrap around as in a typed array of their type; a float that is no integer is refused there. **Cost.** Each of the
 * operations is O(1), and makes no call of the system; on a float `add` begins again when another thread comes between.
 * **Memory.** Who reads a value sees everything that was done before it was written.
 *
 * @typeParam T the name of its type.
 *
 * @example A counter of several threads
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline, SharedValue, ThreadPoolExecutor } from "@heddle/heddle";
 *
 * const pool = new ThreadPoolExecutor({ maxWorkers: 2 });
 * const counter = new SharedValue("int32", 0);
 * const count = inline((counter: SharedValue<"int32">, times: number): void => {
 *   for (let i = 0; i < times; i++) counter.add(1);
 * });
 * await Promise.all([pool.submit(count, counter, 1000), pool.submit(count, counter, 500)]);
 * assertEquals(counter.value, 1500);
 * await pool.shutdown();
 * ```
 *
 * @example The highest so far
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SharedValue } from "@heddle/heddle";
 *
 * const highest = new SharedValue("float64", -Infinity);
 * function note(value: number): void {
 *   for (let seen = highest.value; value > seen;) {
 *     const found = highest.compareExchange(seen, value);
 *     if (found === seen) return;
 *     seen = found;
 *   }
 * }
 * note(1.5);
 * note(0.5);
 * assertEquals(highest.value, 1.5);
 * ```
 */
export class SharedValue<T extends SharedType = SharedType> {
  readonly #type: T;
  readonly #elements: Elements;
  /** As most never need it, it is made when it is asked for, or before another thread could ask for one of its own. */
  #lock: Lock | undefined;

  static {
    travelsBetweenThreads<SharedValue, Given>(
      this,
      "SharedValue",
      import.meta.url,
      (value) => ({ type: value.#type, memory: value.#elements.view.buffer, lock: value.lock }),
      ({ type }) => new SharedValue(type),
    );
    printsAs(this, "SharedValue", ["type", "value"]);
  }

  /**
   * Makes a value.
   *
   * @param type the name of its type.
   * @param initial its value at first; 0 if left out.
   * @throws {TypeError} if there is no such type, or if `initial` is not of it.
   */
  constructor(type: T, initial?: SharedItem<T>) {
    const given = takeGiven<Given>();
    if (given !== undefined) {
      this.#type = type;
      this.#elements = elementsOf(type, given.memory);
      this.#lock = given.lock;
      return;
    }
    const what = "Cannot make a shared value";
    checkType(`${what} as 'type'`, type);
    if (initial !== undefined) checkItem(`${what} as 'initial'`, type, initial);
    this.#type = type;
    this.#elements = elementsOf(type, allocate(what, itemBytes(type)));
    if (initial !== undefined) this.#elements.store(0, initial);
  }

  /** The name of its type. */
  get type(): T {
    return this.#type;
  }

  /** The value, read and written in one step. Stale when read. */
  get value(): SharedItem<T> {
    return this.#elements.load(0) as SharedItem<T>;
  }

  set value(value: SharedItem<T>) {
    checkItem("Cannot set as 'value'", this.#type, value);
    this.#elements.store(0, value);
  }

  /** A lock that belongs to the value: the same one in all threads. Nothing but custom makes anybody take it. */
  get lock(): Lock {
    return this.#lock ??= new Lock();
  }

  /**
   * Adds to the value, in one step. An integer wraps around.
   *
   * @param amount what is added; a negative one is taken away.
   * @returns the value before, as `Atomics.add` does.
   * @throws {TypeError} if `amount` is not of the type.
   * @throws {RangeError} if it is a fraction, or NaN, and the type is one of integers.
   */
  add(amount: SharedItem<T>): SharedItem<T> {
    checkItem("Cannot add as 'amount'", this.#type, amount);
    return this.#elements.add(0, amount) as SharedItem<T>;
  }

  /**
   * Replaces the value if it is the one that is expected, in one step. Values are the same as for `Array.includes`: NaN is the
   * same as NaN, and -0 as 0.
   *
   * @param expected what it should be. As items of the type are: 0.1 is rounded for a `"float32"`.
   * @param value what it becomes then.
   * @returns the value before, as `Atomics.compareExchange` does: it was replaced if that is the expected one.
   * @throws {TypeError} if one of them is not of the type.
   * @throws {RangeError} if one is a fraction, or NaN, and the type is one of integers.
   */
  compareExchange(expected: SharedItem<T>, value: SharedItem<T>): SharedItem<T> {
    checkItem("Cannot exchange as 'expected'", this.#type, expected);
    checkItem("Cannot exchange as 'value'", this.#type, value);
    return this.#elements.compareExchange(0, expected as Integer, value as Integer) as SharedItem<T>;
  }
}
