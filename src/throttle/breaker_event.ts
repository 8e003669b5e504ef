/**
 * The event that a throttle dispatches when a circuit breaker changes its state.
 *
 * @module
 */

/** The breaker of a key has opened (`open`), admits a few calls (`halfopen`), or has closed (`close`). */
export class BreakerEvent extends Event {
  /** The key whose breaker has changed; empty for calls without a key. */
  readonly detail: { readonly key: string };

  /** Creates an event; only throttles do. */
  constructor(type: "open" | "halfopen" | "close", key: string) {
    super(type);
    this.detail = { key };
  }
}
