/**
 * Cells of shared memory: 32-bit integers that several threads read and write.
 *
 * The only file that names `Atomics`, so that tests can put another memory in its place and try every interleaving.
 * All operations but `peek` are sequentially consistent: what a thread wrote before `store` is seen by one that `load`s the
 * new value.
 *
 * @module
 */

import { tellBeforeBlock } from "./before_block.ts";

/** Reads a cell. */
export function load(cells: Int32Array, index: number): number {
  return Atomics.load(cells, index);
}

/**
 * Reads a cell in no order with anything else: for a look before a `load`, and for what need not be seen at once. On Bun an
 * atomic read takes the line of the cache from the other threads as a write does; on V8 it is a call.
 */
export function peek(cells: Int32Array, index: number): number {
  return cells[index]!;
}

/** Writes a cell. */
export function store(cells: Int32Array, index: number, value: number): void {
  Atomics.store(cells, index, value);
}

/** Writes `value` where the cell holds `expected`; returns what it held before. */
export function compareExchange(cells: Int32Array, index: number, expected: number, value: number): number {
  return Atomics.compareExchange(cells, index, expected, value);
}

/** Adds to a cell, wrapping at 32 bits; returns what it held before. */
export function add(cells: Int32Array, index: number, value: number): number {
  return Atomics.add(cells, index, value);
}

/** Blocks the thread while the cell holds `value`, for at most `timeout` milliseconds. */
export function waitSync(cells: Int32Array, index: number, value: number, timeout: number): void {
  tellBeforeBlock();
  Atomics.wait(cells, index, value, timeout);
}

/** Waits in the loop while the cell holds `value`, for at most `timeout` milliseconds. Keeps no program alive on Node. */
export async function waitAsync(cells: Int32Array, index: number, value: number, timeout: number): Promise<void> {
  await Atomics.waitAsync(cells, index, value, timeout).value;
}

/** Writes a cell; returns what it held before. */
export function exchange(cells: Int32Array, index: number, value: number): number {
  return Atomics.exchange(cells, index, value);
}

/** Wakes every thread that waits on the cell. */
export function notifyAll(cells: Int32Array, index: number): void {
  Atomics.notify(cells, index);
}

/** Integers of any width. Functions of their own keep those above fast, which see one kind of array only. */
export type Integers<B extends ArrayBufferLike = ArrayBufferLike> =
  | Int8Array<B>
  | Uint8Array<B>
  | Int16Array<B>
  | Uint16Array<B>
  | Int32Array<B>
  | Uint32Array<B>
  | BigInt64Array<B>
  | BigUint64Array<B>;

/** What such an array holds: one holds either the one or the other, and takes no other. */
export type Integer = number | bigint;

/** `load` for integers of any width. */
export function loadInteger(cells: Integers, index: number): Integer {
  return Atomics.load(cells as Int32Array, index);
}

/** `store` for integers of any width. */
export function storeInteger(cells: Integers, index: number, value: Integer): void {
  Atomics.store(cells as Int32Array, index, value as number);
}

/** `add` for integers of any width. */
export function addInteger(cells: Integers, index: number, value: Integer): Integer {
  return Atomics.add(cells as Int32Array, index, value as number);
}

/** `compareExchange` for integers of any width. */
export function compareExchangeInteger(cells: Integers, index: number, expected: Integer, value: Integer): Integer {
  return Atomics.compareExchange(cells as Int32Array, index, expected as number, value as number);
}
