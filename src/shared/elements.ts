/**
 * Atomic operations on the items of shared memory, for all types including floats.
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

/** Items of one type. Callers have checked indexes and values. */
export interface Elements {
  readonly view: View;
  load(index: number): Integer;
  store(index: number, value: Integer): void;
  /** Adds to an item; returns the previous item. */
  add(index: number, amount: Integer): Integer;
  /** Replaces an item if it equals `expected`; returns the previous item. */
  compareExchange(index: number, expected: Integer, value: Integer): Integer;
}

/** Checks the name of an item type. */
export function checkType(what: string, type: unknown): SharedType {
  return checkOneOf(what, type, TYPES);
}

/** Checks that a value fits an item type; messages begin with `what`, such as "Cannot add as 'amount'". */
export function checkItem(what: string, type: SharedType, value: unknown): void {
  if (isItem(type, value)) return;
  const given = `to go into "${type}": current value is ${show(value)}`;
  if (isBigInt(type)) throw new TypeError(`${what} must be a bigint ${given}`);
  if (typeof value !== "number") throw new TypeError(`${what} must be a number ${given}`);
  throw new RangeError(`${what} must be an integer ${given}`);
}

/**
 * Whether a value fits an item type. Integer types accept only integers: a typed array would truncate a fraction
 * silently.
 */
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
 * Allocates zeroed shared memory.
 *
 * @throws {RangeError} if the memory cannot be allocated.
 */
export function allocate(what: string, bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (cause) {
    throw new RangeError(`${what}: not enough memory (number of bytes is ${bytes})`, { cause });
  }
}

/** Creates the item operations for a block of memory. */
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

/** Private memory in which a float and an integer share the same bits. */
interface Bits {
  readonly float: Float32Array | Float64Array;
  readonly integer: Integers;
}

const BITS_32: Bits = overlay(new Float32Array(1), Int32Array);
const BITS_64: Bits = overlay(new Float64Array(1), BigInt64Array);

/** Float operations. `Atomics` has none, so they work on integers with the same bits. */
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
   * All NaNs are equal, whatever their bits; so are 0 and -0. Otherwise a caller that expects 0 and gets -0 back would
   * consider them equal and assume that its value was stored.
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
