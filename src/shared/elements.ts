/**
 * Items of shared memory: atomic operations for every type, for floats too.
 *
 * @module
 */

import {
  addInteger,
  compareExchangeInteger,
  type Integer,
  type Integers,
  loadInteger,
  storeInteger,
} from "../core/cell.ts";
import { checkOneOf, show } from "../core/check.ts";
import type { SharedType } from "./types.ts";

type Floats = Float32Array<SharedArrayBuffer> | Float64Array<SharedArrayBuffer>;
type View = Integers<SharedArrayBuffer> | Floats;

interface ViewClass {
  new (memory: SharedArrayBuffer): View;
  readonly BYTES_PER_ELEMENT: number;
}

const VIEWS: Readonly<Record<SharedType, ViewClass>> = {
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
const TYPES = Object.keys(VIEWS) as SharedType[];

/** Items in a row, all of one type. Who calls has checked places and values. */
export interface Elements {
  readonly view: View;
  load(index: number): Integer;
  store(index: number, value: Integer): void;
  /** Returns what was there before. */
  add(index: number, amount: Integer): Integer;
  /** Returns what was there before: it has become `value` if that was the one expected. */
  compareExchange(index: number, expected: Integer, value: Integer): Integer;
}

/** Checks the name of a type. */
export function checkType(what: string, type: unknown): SharedType {
  return checkOneOf(what, type, TYPES);
}

/** Checks a value that is to be an item of a type; `what` begins the message, as in "Cannot add as 'amount'". */
export function checkItem(what: string, type: SharedType, value: unknown): void {
  if (isItem(type, value)) return;
  const given = `to go into "${type}": current value is ${show(value)}`;
  if (isBigInt(type)) throw new TypeError(`${what} must be a bigint ${given}`);
  if (typeof value !== "number") throw new TypeError(`${what} must be a number ${given}`);
  throw new RangeError(`${what} must be an integer ${given}`);
}

/** Whether a value can be an item of a type. What is no integer cannot be one: a typed array would cut it off without a word. */
export function isItem(type: SharedType, value: unknown): boolean {
  if (isBigInt(type)) return typeof value === "bigint";
  return type === "float64" || type === "float32" ? typeof value === "number" : Number.isInteger(value);
}

function isBigInt(type: SharedType): boolean {
  return type === "bigint64" || type === "biguint64";
}

/** The size of an item in bytes. */
export function itemBytes(type: SharedType): number {
  return VIEWS[type].BYTES_PER_ELEMENT;
}

/**
 * Makes shared memory, all zero.
 *
 * @throws {RangeError} if there is not as much.
 */
export function allocate(what: string, bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (cause) {
    throw new RangeError(`${what} as there is not enough memory: the number of bytes is ${bytes}`, { cause });
  }
}

/** The items in some memory. */
export function elementsOf(type: SharedType, memory: SharedArrayBuffer): Elements {
  const view = new VIEWS[type](memory);
  if (view instanceof Float64Array) return new FloatElements(view, BITS_64);
  if (view instanceof Float32Array) return new FloatElements(view, BITS_32);
  return new IntegerElements(view);
}

class IntegerElements implements Elements {
  readonly view: Integers<SharedArrayBuffer>;

  constructor(view: Integers<SharedArrayBuffer>) {
    this.view = view;
  }

  load(index: number): Integer {
    return loadInteger(this.view, index);
  }

  store(index: number, value: Integer): void {
    storeInteger(this.view, index, value);
  }

  add(index: number, amount: Integer): Integer {
    return addInteger(this.view, index, amount);
  }

  compareExchange(index: number, expected: Integer, value: Integer): Integer {
    return compareExchangeInteger(this.view, index, expected, value);
  }
}

/** Memory of one thread in which a float and the integer of the same bits lie in the same place. */
interface Bits {
  readonly float: Float32Array | Float64Array;
  readonly integer: Integers;
}

const BITS_32: Bits = overlay(new Float32Array(1), Int32Array);
const BITS_64: Bits = overlay(new Float64Array(1), BigInt64Array);

/** There are no atomic operations on floats, but on integers of as many bits. */
class FloatElements implements Elements {
  readonly view: Floats;
  readonly #cells: Integers;
  readonly #bits: Bits;

  constructor(view: Floats, bits: Bits) {
    this.view = view;
    this.#cells = view instanceof Float64Array ? new BigInt64Array(view.buffer) : new Int32Array(view.buffer);
    this.#bits = bits;
  }

  load(index: number): number {
    return this.#toFloat(loadInteger(this.#cells, index));
  }

  store(index: number, value: Integer): void {
    storeInteger(this.#cells, index, this.#toBits(value as number));
  }

  add(index: number, amount: Integer): number {
    for (;;) {
      const before = loadInteger(this.#cells, index);
      const value = this.#toFloat(before);
      const bits = this.#toBits(value + (amount as number));
      if (compareExchangeInteger(this.#cells, index, before, bits) === before) return value;
    }
  }

  /**
   * NaN is NaN whatever its bits are. 0 and -0 are the same: else one who expects 0, and is told that there was -0, would take
   * them for equal and believe that his value is there.
   */
  compareExchange(index: number, expected: Integer, value: Integer): number {
    const wanted = this.#toFloat(this.#toBits(expected as number));
    const bits = this.#toBits(value as number);
    for (;;) {
      const before = loadInteger(this.#cells, index);
      const found = this.#toFloat(before);
      if (found !== wanted && !(Number.isNaN(found) && Number.isNaN(wanted))) return found;
      if (compareExchangeInteger(this.#cells, index, before, bits) === before) return found;
    }
  }

  #toFloat(bits: Integer): number {
    this.#bits.integer[0] = bits;
    return this.#bits.float[0]!;
  }

  #toBits(value: number): Integer {
    this.#bits.float[0] = value;
    return this.#bits.integer[0]!;
  }
}

function overlay(float: Float32Array | Float64Array, Integers: new (memory: ArrayBufferLike) => Integers): Bits {
  return { float, integer: new Integers(float.buffer) };
}
