/**
 * The values that a worker disposes when it ends gracefully.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import { startTimer } from "../time/system_clock.ts";

/** Disposes a value. */
export type Dispose = () => unknown;

/** The disposers of values that modules of this worker hold until its end. */
const held = new Set<Dispose>();
/** Called when the first value is held. */
let whenHolding: (() => void) | undefined;

/** Calls a function once when the first value is held. */
export function onFirstHeld(fn: () => void): void {
  whenHolding = fn;
}

/** Reports that a value is held. */
export function noteHeld(): void {
  const fn = whenHolding;
  whenHolding = undefined;
  fn?.();
}

/**
 * Registers a disposer for the end of this worker; in the main program it is ignored. Returns a function that removes
 * the disposer.
 */
export function disposeAtEnd(dispose: Dispose): () => void {
  if (runtime.worker === undefined) return () => {};
  held.add(dispose);
  noteHeld();
  return () => void held.delete(dispose);
}

/** Returns the disposer of a value; undefined if the value is not disposable. */
export function disposerOf(value: unknown): Dispose | undefined {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return undefined;
  const { [Symbol.asyncDispose]: later, [Symbol.dispose]: now } = value as Partial<AsyncDisposable & Disposable>;
  const dispose = later ?? now;
  return typeof dispose === "function" ? () => dispose.call(value) : undefined;
}

/** Removes and returns the disposers of this worker's modules. */
export function takeHeld(): Dispose[] {
  const all = [...held];
  held.clear();
  return all;
}

/** Calls disposers one after another, the last first, within a time limit in milliseconds. */
export async function disposeAll(all: Dispose[], limit: number, fault: (error: unknown) => void): Promise<void> {
  if (all.length === 0) return;
  let stop!: () => void;
  const late = new Promise<void>((resolve) => stop = startTimer(limit, resolve));
  const done = (async () => {
    for (const dispose of all.reverse()) {
      try {
        await dispose();
      } catch (error) {
        fault(error);
      }
    }
  })();
  await Promise.race([done, late]);
  stop();
}
