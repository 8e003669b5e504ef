/**
 * Those who stand in for the worker processes of a pool.
 *
 * @module
 */

import type { ValueEncoder } from "../wire/encoder.ts";
import type { IncomingMessage } from "../wire/message.ts";
import { Exports } from "../wire/references.ts";
import type { Slot } from "./slot.ts";
import { StandIn } from "./stand_in.ts";

/** The objects that worker processes use here, and who uses them for each process. */
export class StandIns {
  /** The objects. */
  readonly exports: Exports = new Exports();
  readonly #all = new Map<Slot, StandIn>();
  readonly #fault: (slot: Slot, error: unknown) => void;

  /** @param fault is told of calls that fail while nobody waits for them. */
  constructor(fault: (slot: Slot, error: unknown) => void) {
    this.#fault = fault;
  }

  /** Takes a record of a worker that asks for something. */
  take(slot: Slot, operation: number, message: IncomingMessage, encoder: ValueEncoder): void {
    let standIn = this.#all.get(slot);
    if (standIn === undefined) {
      standIn = new StandIn({
        exports: this.exports,
        encoder,
        send: (write) => {
          write(slot.writer);
          slot.flush();
        },
        fault: (error) => this.#fault(slot, error),
      });
      this.#all.set(slot, standIn);
    }
    standIn.take(operation, message);
  }

  /** A worker is gone. */
  gone(slot: Slot): void {
    void this.#all.get(slot)?.end();
    this.#all.delete(slot);
  }
}
