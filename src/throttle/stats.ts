/**
 * The statistics of a throttle.
 *
 * @module
 */

import type { Summary } from "../core/histogram.ts";
import type { BreakerState } from "./breaker.ts";

/** The counts of one key, or of the whole throttle. */
export interface ThrottleCounts {
  /** The number of permits in use. */
  active: number;
  /** The number of waiting callers. */
  waiting: number;
  /** The number of permits that were released. */
  done: number;
  /** The number of callers that were rejected. */
  shed: number;
  /** The remaining time of the pause in milliseconds; 0 if there is none. */
  paused: number;
}

/** The statistics of one key. */
export interface KeyStats extends ThrottleCounts {
  /**
   * The state of the key's circuit breaker. An open breaker becomes half-open with the first call after its cooldown.
   */
  breaker: BreakerState;
}

/** The statistics of a throttle, as returned by `Throttle.stats()`. */
export interface ThrottleStats extends ThrottleCounts {
  /** The maximum number of permits in use. */
  limit: number;
  /**
   * The number of responses of `fetch` that still hold a permit after ten seconds because no caller reads their body.
   */
  unread: number;
  /**
   * The times that callers have waited for their permits, in milliseconds. In a long queue only every eighth caller is
   * timed.
   */
  waitTime: Summary;
  /**
   * The statistics by key: keys in use, paused keys, keys whose breaker is not closed, and up to 1,000 other keys that
   * were used last.
   */
  keys: Map<string, KeyStats>;
}
