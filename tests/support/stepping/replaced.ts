// Replaces `core/cell.ts`, `time/system_clock.ts` and `sync/memory.ts` in a copy of the source. The test can stop a
// thread before each memory access, sets the time, and provides the memory of primitives.

import type { Stepper } from "./stepper.ts";

const PLACE = Symbol.for("heddle.stepper");

function stepper(): Stepper {
  return (globalThis as unknown as Record<symbol, Stepper>)[PLACE]!;
}

/** Returns the unique key of a cell, which is never 0. */
function keyOf(cells: Int32Array, index: number): number {
  return cells.byteOffset / 4 + index + 1;
}

export function load(cells: Int32Array, index: number): number {
  if (!stepper().constant(cells, index)) stepper().step();
  return Atomics.load(cells, index);
}

export function peek(cells: Int32Array, index: number): number {
  return load(cells, index);
}

export function store(cells: Int32Array, index: number, value: number): void {
  stepper().step();
  Atomics.store(cells, index, value);
}

export function compareExchange(cells: Int32Array, index: number, expected: number, value: number): number {
  stepper().step();
  return Atomics.compareExchange(cells, index, expected, value);
}

export function add(cells: Int32Array, index: number, value: number): number {
  stepper().step();
  return Atomics.add(cells, index, value);
}

export function exchange(cells: Int32Array, index: number, value: number): number {
  stepper().step();
  return Atomics.exchange(cells, index, value);
}

export function waitSync(cells: Int32Array, index: number, value: number, timeout: number): void {
  stepper().step();
  if (Atomics.load(cells, index) === value) stepper().sleepSync(keyOf(cells, index), timeout);
}

export async function waitAsync(cells: Int32Array, index: number, value: number, _timeout: number): Promise<void> {
  stepper().step();
  if (Atomics.load(cells, index) === value) await stepper().sleep(keyOf(cells, index));
}

export function notifyAll(cells: Int32Array, index: number): void {
  stepper().step();
  stepper().call(keyOf(cells, index));
}

export function now(): number {
  return stepper().now;
}

export function startTimer(delay: number, fn: () => void): () => void {
  return stepper().startTimer(delay, fn);
}

export const systemClock: { now: typeof now; startTimer: typeof startTimer } = { now, startTimer };

export function ownCells(count: number): { cells: Int32Array; fresh: boolean } {
  return stepper().ownCells(count);
}

/** Keyed primitives, which look for given memory first, are in no scenario. */
export function givenCells(): undefined {}

/** Adds a method that marks a primitive as shared with other threads. */
export function travels<H extends object>(
  Class: { prototype: H },
  _name: string,
  _module: string,
  inspect: (handle: H) => { share(): void },
): void {
  Object.defineProperty(Class.prototype, PLACE, {
    value(this: H): void {
      inspect(this).share();
    },
  });
}
