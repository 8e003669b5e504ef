/**
 * Cells of shared memory: 32-bit integers that several threads read and write.
 *
 * This is the only file that names `Atomics`, so that tests can replace the memory and try every interleaving. All
 * operations except `peek` are sequentially consistent: a thread that `load`s a new value sees all writes before its
 * `store`.
 *
 * @module
 */

import { tellBeforeBlock } from "./before_block.ts";

/** Reads a cell. */
export function load(cells: Int32Array, index: number): number {
  return Atomics.load(cells, index);
}

/**
 * Reads a cell without any ordering: for a check before a `load`, or for a value that may be stale. On Bun an atomic
 * read takes the cache line from other threads, as a write does. On V8 an atomic read is a function call.
 */
export function peek(cells: Int32Array, index: number): number {
  return cells[index]!;
}

/** Writes a cell. */
export function store(cells: Int32Array, index: number, value: number): void {
  Atomics.store(cells, index, value);
}

/** Writes `value` if the cell holds `expected`; returns the previous value. */
export function compareExchange(cells: Int32Array, index: number, expected: number, value: number): number {
  return Atomics.compareExchange(cells, index, expected, value);
}

/** Adds to a cell, wrapping at 32 bits; returns the previous value. */
export function add(cells: Int32Array, index: number, value: number): number {
  return Atomics.add(cells, index, value);
}

/** Blocks the thread while the cell holds `value`, for at most `timeout` milliseconds. */
export function waitSync(cells: Int32Array, index: number, value: number, timeout: number): void {
  tellBeforeBlock();
  Atomics.wait(cells, index, value, timeout);
}

/**
 * Waits in the event loop while the cell holds `value`, for at most `timeout` milliseconds. On Node the wait does not
 * keep the program alive.
 */
export async function waitAsync(cells: Int32Array, index: number, value: number, timeout: number): Promise<void> {
  await Atomics.waitAsync(cells, index, value, timeout).value;
}

/** Writes a cell; returns the previous value. */
export function exchange(cells: Int32Array, index: number, value: number): number {
  return Atomics.exchange(cells, index, value);
}

/** Wakes every thread that waits on the cell. */
export function notifyAll(cells: Int32Array, index: number): void {
  Atomics.notify(cells, index);
}

/** Integer arrays of any width. They have separate functions, so that the functions above stay monomorphic and fast. */
export type Integers<B extends ArrayBufferLike = ArrayBufferLike> =
  | Int8Array<B>
  | Uint8Array<B>
  | Int16Array<B>
  | Uint16Array<B>
  | Int32Array<B>
  | Uint32Array<B>
  | BigInt64Array<B>
  | BigUint64Array<B>;

/** An element of such an array. Each array type accepts only one of the two. */
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
