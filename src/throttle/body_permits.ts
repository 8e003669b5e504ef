/**
 * Permits that are held for the body of a response.
 *
 * @module
 */

import { SignalGroup } from "../core/signal_group.ts";
import { runtime } from "../runtime/mod.ts";
import type { Gate } from "./gate.ts";
import { BodyPermit } from "./body_permit.ts";
import { trackResponse } from "./tracked_response.ts";
import type { Turn } from "./key.ts";
import { WrappedResponse } from "./wrapped_response.ts";

/** The bodies for which a throttle holds permits. */
export class BodyPermits {
  readonly #gate: Gate;
  readonly #all = new Map<BodyPermit, AbortSignal | undefined>();
  readonly #aborts = new SignalGroup<BodyPermit>((permit) => permit.end());
  /** Tells of bodies that can no longer be read. */
  readonly #collected = new FinalizationRegistry<BodyPermit>((permit) => permit.end());

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /** How many bodies no caller has begun to read for a long time. */
  get unread(): number {
    const now = this.#gate.now();
    let count = 0;
    for (const permit of this.#all.keys()) if (permit.unread(now)) count++;
    return count;
  }

  /** Returns a response like the given one that holds a permit until its body is over, its request is aborted, or it is collected. */
  hold(turn: Turn, original: Response, signal: AbortSignal | undefined): Response {
    const permit = new BodyPermit(turn, this.#gate.now(), this.#delete);
    this.#all.set(permit, signal);
    this.#aborts.add(signal, permit);
    // All that can still read the body refers to the original.
    this.#collected.register(original, permit, permit);
    try {
      return runtime.servesResponses ? new WrappedResponse(original, permit) : trackResponse(original, permit);
    } catch (error) {
      permit.end();
      throw error;
    }
  }

  readonly #delete = (permit: BodyPermit): void => {
    const signal = this.#all.get(permit);
    if (!this.#all.delete(permit)) return;
    this.#aborts.delete(signal, permit);
    this.#collected.unregister(permit);
  };
}
