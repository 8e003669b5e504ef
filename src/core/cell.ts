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

/** Waits in the loop while the cell holds `value`, for at most `timeout` milliseconds. Keeps no program alive on Node. */
export async function waitAsync(cells: Int32Array, index: number, value: number, timeout: number): Promise<void> {
  await Atomics.waitAsync(cells, index, value, timeout).value;
}

/** Writes a cell; returns what it held before. */
export function exchange(cells: Int32Array, index: number, value: number): number {
  return Atomics.exchange(cells, index, value);
}

/**
 * Takes `count` from a cell that holds at least as much. The two cells behind it, unless they are negative, are told: `up`
 * grows by the same count, `down` shrinks, to zero at the least. A thread that is ended from outside in the moment between the
 * two leaves a count that is wrong: nothing is called between them, so that the moment is as short as can be.
 */
export function move(cells: Int32Array, from: number, count: number, up: number, down = -1): boolean {
  for (;;) {
    const value = Atomics.load(cells, from);
    if (value < count) return false;
    if (Atomics.compareExchange(cells, from, value, value - count) !== value) continue;
    if (up >= 0) Atomics.add(cells, up, count);
    if (down >= 0) Atomics.store(cells, down, Atomics.load(cells, down) - count);
    return true;
  }
}

/** Adds one to a cell that is not negative, and to another if there is one, as `move`. */
export function enter(cells: Int32Array, index: number, note: number): boolean {
  for (;;) {
    const value = Atomics.load(cells, index);
    if (value < 0) return false;
    if (Atomics.compareExchange(cells, index, value, value + 1) !== value) continue;
    if (note >= 0) Atomics.add(cells, note, 1);
    return true;
  }
}

/** The way back of `move`, for as long as the cell does not exceed `limit`; the other one stops at zero. */
export function moveBack(cells: Int32Array, to: number, count: number, limit: number, from: number): boolean {
  for (;;) {
    const value = Atomics.load(cells, to);
    if (value > limit - count) return false;
    if (Atomics.compareExchange(cells, to, value, value + count) === value) {
      if (from < 0) return true;
      const noted = Atomics.load(cells, from);
      Atomics.store(cells, from, noted > count ? noted - count : 0);
      return true;
    }
  }
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
