/**
 * Applies the back-pressure of the program's own output.
 *
 * @module
 */

import { errorMonitor } from "node:events";
import type { Writable } from "node:stream";
import { hostTime } from "./host_time.ts";

/** The events after which writing continues: the output has drained, or is gone and discards all data. */
const OPENING = ["drain", "close", errorMonitor] as const;

const gates = new WeakMap<Writable, Gate>();
/** The outputs that are full. */
const full = new Set<Gate>();

/** Returns the gate of an output. */
export function gateOf(to: Writable): Gate {
  let gate = gates.get(to);
  if (gate === undefined) gates.set(to, gate = new Gate(to));
  return gate;
}

/** Calls back once a full output accepts more; returns false if none is full. */
export function onceOpen(callback: () => void): boolean {
  for (const gate of full) {
    gate.wait(callback);
    return true;
  }
  return false;
}

/** An output of the program. */
export class Gate {
  readonly #to: Writable;
  /** The number of chunks that were written, and of those whose callback was called. */
  #written = 0;
  #answered = 0;
  #waiting: (() => void)[] = [];

  constructor(to: Writable) {
    this.#to = to;
  }

  /**
   * Writes a chunk; returns false if the output is full then.
   *
   * Waiting for `drain` alone is tempting. But it is not emitted once the reader is gone, and Bun emits no error for
   * later writes either. All hosts call the callback of each write. If the program has replaced `write`, it may ignore
   * the callback and return undefined.
   */
  write(chunk: Uint8Array): boolean {
    const to = this.#to;
    if (to.destroyed || to.writableEnded) return true;
    const turn = ++this.#written;
    let taken: unknown;
    try {
      taken = to.write(chunk, () => {
        this.#answered = turn;
        if (turn === this.#written) this.#open();
      });
    } catch (error) {
      // The program may have replaced `write`. Its errors are uncaught errors of the program and must not break a pool.
      hostTime.defer(() => {
        throw error;
      });
    }
    if (taken !== false || this.#answered === turn) return true;
    // On Bun `writableNeedDrain` is always false, so it counts only if the program has replaced `write`.
    return to.writableNeedDrain === false && Object.hasOwn(to, "write");
  }

  /** Calls back once the full output accepts more. */
  wait(callback: () => void): void {
    if (this.#waiting.push(callback) > 1) return;
    full.add(this);
    for (const event of OPENING) this.#to.once(event, this.#open);
  }

  readonly #open = (): void => {
    if (this.#waiting.length === 0) return;
    full.delete(this);
    for (const event of OPENING) this.#to.off(event, this.#open);
    for (const callback of this.#waiting.splice(0)) callback();
  };
}
