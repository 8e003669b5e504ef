// Lists all types of shared values and arrays, with their special properties.

import type { SharedItem, SharedType } from "../../mod.ts";

export interface TypeCase {
  readonly type: SharedType;
  readonly bytes: number;
  readonly least: SharedItem<SharedType>;
  readonly most: SharedItem<SharedType>;
}

/** The limits of the integer types, which wrap around. */
export const INTEGERS: readonly TypeCase[] = [
  { type: "int8", bytes: 1, least: -128, most: 127 },
  { type: "uint8", bytes: 1, least: 0, most: 255 },
  { type: "int16", bytes: 2, least: -32768, most: 32767 },
  { type: "uint16", bytes: 2, least: 0, most: 65535 },
  { type: "int32", bytes: 4, least: -(2 ** 31), most: 2 ** 31 - 1 },
  { type: "uint32", bytes: 4, least: 0, most: 2 ** 32 - 1 },
  { type: "bigint64", bytes: 8, least: -(2n ** 63n), most: 2n ** 63n - 1n },
  { type: "biguint64", bytes: 8, least: 0n, most: 2n ** 64n - 1n },
];

export const FLOATS: readonly TypeCase[] = [
  { type: "float32", bytes: 4, least: -(2 ** 127), most: 2 ** 127 },
  { type: "float64", bytes: 8, least: -Number.MAX_VALUE, most: Number.MAX_VALUE },
];

export const TYPES: readonly TypeCase[] = [...INTEGERS, ...FLOATS];

/** Returns a small number as an item of a type. */
export function item(type: SharedType, value: number): SharedItem<SharedType> {
  return isBig(type) ? BigInt(value) : value;
}

export function isBig(type: SharedType): boolean {
  return type.startsWith("big");
}
