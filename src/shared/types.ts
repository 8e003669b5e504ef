/**
 * What shared values and arrays can hold.
 *
 * @module
 */

/** The views on shared memory, by the names of their types. */
interface Views {
  readonly int8: Int8Array<SharedArrayBuffer>;
  readonly uint8: Uint8Array<SharedArrayBuffer>;
  readonly int16: Int16Array<SharedArrayBuffer>;
  readonly uint16: Uint16Array<SharedArrayBuffer>;
  readonly int32: Int32Array<SharedArrayBuffer>;
  readonly uint32: Uint32Array<SharedArrayBuffer>;
  readonly float32: Float32Array<SharedArrayBuffer>;
  readonly float64: Float64Array<SharedArrayBuffer>;
  readonly bigint64: BigInt64Array<SharedArrayBuffer>;
  readonly biguint64: BigUint64Array<SharedArrayBuffer>;
}

/** The name of a type: an integer of 8, 16 or 32 bits, a float of 32 or 64, or a bigint of 64. */
export type SharedType =
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "float32"
  | "float64"
  | "bigint64"
  | "biguint64";

/**
 * What an item of a type is: a bigint or a number.
 *
 * @typeParam T the name of the type.
 */
export type SharedItem<T extends SharedType> = T extends "bigint64" | "biguint64" ? bigint : number;

/**
 * The typed array on items of a type.
 *
 * @typeParam T the name of the type.
 */
export type SharedView<T extends SharedType> = Views[T];
