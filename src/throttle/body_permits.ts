/**
 * The permits of responses whose bodies have not ended.
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

/** The permits that a throttle holds for the bodies of responses. */
export class BodyPermits {
  readonly #gate: Gate;
  readonly #all = new Map<BodyPermit, AbortSignal | undefined>();
  readonly #aborts = new SignalGroup<BodyPermit>((permit) => permit.end());
  /** Releases the permit of a body that can no longer be read. */
  readonly #collected = new FinalizationRegistry<BodyPermit>((permit) => permit.end());

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /** The number of bodies that have been unread for too long. */
  get unread(): number {
    const now = this.#gate.now();
    let count = 0;
    for (const permit of this.#all.keys()) if (permit.unread(now)) count++;
    return count;
  }

  /**
   * Returns an equal response that holds the permit until its body ends, its request is aborted, or the response is
   * collected.
   */
  hold(turn: Turn, original: Response, signal: AbortSignal | undefined): Response {
    const permit = new BodyPermit(turn, this.#gate.now(), this.#delete);
    this.#all.set(permit, signal);
    this.#aborts.add(signal, permit);
    // Every object that can still read the body refers to the original response.
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
