/**
 * The item types of shared values and arrays.
 *
 * @module
 */

/** The typed arrays over shared memory, by type name. */
export interface SharedViews {
  /** From -128 to 127. */
  readonly int8: Int8Array<SharedArrayBuffer>;
  /** From 0 to 255. */
  readonly uint8: Uint8Array<SharedArrayBuffer>;
  /** From -32,768 to 32,767. */
  readonly int16: Int16Array<SharedArrayBuffer>;
  /** From 0 to 65,535. */
  readonly uint16: Uint16Array<SharedArrayBuffer>;
  /** From -2^31 to 2^31 - 1. */
  readonly int32: Int32Array<SharedArrayBuffer>;
  /** From 0 to 2^32 - 1. */
  readonly uint32: Uint32Array<SharedArrayBuffer>;
  /** A float with 24 significant bits. */
  readonly float32: Float32Array<SharedArrayBuffer>;
  /** A float with 53 significant bits, like every number. */
  readonly float64: Float64Array<SharedArrayBuffer>;
  /** A bigint from -2^63 to 2^63 - 1. */
  readonly bigint64: BigInt64Array<SharedArrayBuffer>;
  /** A bigint from 0 to 2^64 - 1. */
  readonly biguint64: BigUint64Array<SharedArrayBuffer>;
}

/** The name of an item type: an integer of 8, 16 or 32 bits, a float of 32 or 64 bits, or a bigint of 64 bits. */
export type SharedType = keyof SharedViews;

/**
 * The JavaScript type of an item: bigint or number.
 *
 * @typeParam T the name of the item type.
 */
export type SharedItem<T extends SharedType> = T extends "bigint64" | "biguint64" ? bigint : number;

/**
 * The typed array over items of a type.
 *
 * @typeParam T the name of the item type.
 */
export type SharedView<T extends SharedType> = SharedViews[T];
