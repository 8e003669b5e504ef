/**
 * A number in shared memory.
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
 * A number or bigint that threads share.
 *
 * Pass the value to a task in a thread as an argument. Reading, writing, `add` and `compareExchange` are atomic, for
 * floats too. Compound operations such as `counter.value *= 2` need `lock`, or a loop around `compareExchange`. A value
 * cannot be passed to a process, as processes share no memory.
 *
 * Integers wrap around as in a typed array of their type; an integer type rejects fractions. **Cost.** Each operation
 * is O(1) and makes no system call; on a float, `add` retries if another thread interferes. **Memory.** A thread that
 * reads a value sees everything that was written before that value.
 *
 * @typeParam T the name of the item type.
 *
 * @example Count in several threads
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
 * @example Keep the maximum
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
  /** Created on first use, or before the value is shared: otherwise two threads could create two locks. */
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
   * Creates a value.
   *
   * @param type the name of the item type.
   * @param initial the initial value; 0 by default.
   * @throws {TypeError} if there is no such type, or `initial` does not fit it.
   * @throws {RangeError} if `initial` is a fraction or NaN and the type is an integer type.
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

  /** The name of the item type. */
  get type(): T {
    return this.#type;
  }

  /** The value, read and written atomically. It may be stale when it is read. */
  get value(): SharedItem<T> {
    return this.#elements.load(0) as SharedItem<T>;
  }

  set value(value: SharedItem<T>) {
    checkItem("Cannot set as 'value'", this.#type, value);
    this.#elements.store(0, value);
  }

  /** A lock for the value, the same in all threads. Taking it is a convention: other operations ignore it. */
  get lock(): Lock {
    return this.#lock ??= new Lock();
  }

  /**
   * Adds to the value atomically. Integers wrap around.
   *
   * @param amount the amount to add; negative to subtract.
   * @returns the previous value, as `Atomics.add` does.
   * @throws {TypeError} if `amount` does not fit the type.
   * @throws {RangeError} if `amount` is a fraction or NaN and the type is an integer type.
   */
  add(amount: SharedItem<T>): SharedItem<T> {
    checkItem("Cannot add as 'amount'", this.#type, amount);
    return this.#elements.add(0, amount) as SharedItem<T>;
  }

  /**
   * Replaces the value atomically if it equals `expected`. Values are compared as by `Array.includes`: NaN equals NaN,
   * and -0 equals 0.
   *
   * @param expected the expected value, converted to the item type: `"float32"` rounds 0.1.
   * @param value the replacement.
   * @returns the previous value, as `Atomics.compareExchange` does: the value was replaced if this equals `expected`.
   * @throws {TypeError} if an argument does not fit the type.
   * @throws {RangeError} if an argument is a fraction or NaN and the type is an integer type.
   */
  compareExchange(expected: SharedItem<T>, value: SharedItem<T>): SharedItem<T> {
    checkItem("Cannot exchange as 'expected'", this.#type, expected);
    checkItem("Cannot exchange as 'value'", this.#type, value);
    return this.#elements.compareExchange(0, expected as Integer, value as Integer) as SharedItem<T>;
  }
}
