/**
 * What a throttle tells of its circuit breakers.
 *
 * @module
 */

/** The breaker of a key has opened (`open`), admits a few calls (`halfopen`), or has closed (`close`). */
export class BreakerEvent extends Event {
  /** The key; empty for calls without one. */
  readonly detail: { readonly key: string };

  /** Throttles make events. */
  constructor(type: "open" | "halfopen" | "close", key: string) {
    super(type);
    this.detail = { key };
  }
}
