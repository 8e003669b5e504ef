/**
 * Cells of shared memory: 32-bit integers that several threads read and write.
 *
 * The only file that names `Atomics`, so that tests can put another memory in its place and try every interleaving.
 * All operations are sequentially consistent: what a thread wrote before `store` is seen by one that `load`s the new
 * value.
 *
 * @module
 */

/** Reads a cell. */
export function load(cells: Int32Array, index: number): number {
  return Atomics.load(cells, index);
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
  Atomics.wait(cells, index, value, timeout);
}

/** Wakes every thread that waits on the cell. */
export function notifyAll(cells: Int32Array, index: number): void {
  Atomics.notify(cells, index);
}
