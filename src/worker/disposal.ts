/**
 * What is disposed of when a worker ends gracefully.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import { startTimer } from "../time/system_clock.ts";

/** Disposes of something. */
export type Dispose = () => unknown;

/** What the modules of this worker hold for as long as it lives. */
const held = new Set<Dispose>();
/** Called once there is something to dispose of. */
let whenHolding: (() => void) | undefined;

/** Calls back once there is something to dispose of. */
export function onFirstHeld(fn: () => void): void {
  whenHolding = fn;
}

/** There is something to dispose of. */
export function noteHeld(): void {
  const fn = whenHolding;
  whenHolding = undefined;
  fn?.();
}

/** Has something disposed of at the end of this worker, in the program itself never; returns what takes it back. */
export function disposeAtEnd(dispose: Dispose): () => void {
  if (runtime.worker === undefined) return () => {};
  held.add(dispose);
  noteHeld();
  return () => void held.delete(dispose);
}

/** Returns how a value is disposed of; undefined if it is not disposable. */
export function disposerOf(value: unknown): Dispose | undefined {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return undefined;
  const { [Symbol.asyncDispose]: later, [Symbol.dispose]: now } = value as Partial<AsyncDisposable & Disposable>;
  const dispose = later ?? now;
  return typeof dispose === "function" ? () => dispose.call(value) : undefined;
}

/** Takes all that is held by the modules of this worker. */
export function takeHeld(): Dispose[] {
  const all = [...held];
  held.clear();
  return all;
}

/** Disposes of the values in turn, the last one first, within a time limit in milliseconds. */
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
