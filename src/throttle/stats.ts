/**
 * What a throttle tells of itself.
 *
 * @module
 */

import type { Summary } from "../core/histogram.ts";
import type { BreakerState } from "./breaker.ts";

/** What is counted for each key, and in total. */
export interface ThrottleCounts {
  /** Permits in use. */
  active: number;
  /** Callers that wait. */
  waiting: number;
  /** How many callers had a permit and gave it back. */
  done: number;
  /** How many callers were rejected. */
  shed: number;
  /** For how many more milliseconds it is paused; 0 if it is not. */
  paused: number;
}

/** One key of a throttle. */
export interface KeyStats extends ThrottleCounts {
  /** The state of its circuit breaker. One that is open becomes half-open with the first call after its cooldown. */
  breaker: BreakerState;
}

/** A throttle, as it was at one moment. */
export interface ThrottleStats extends ThrottleCounts {
  /** How many permits may be in use at once. */
  limit: number;
  /** How many responses of `fetch` have held a permit for ten seconds for a body that no caller has begun to read. */
  unread: number;
  /** How long callers have waited for their permits, in milliseconds; in a long line every eighth caller counts. */
  waitTime: Summary;
  /** By key: those in use, paused or with a breaker that is not closed, and up to 1,000 that were used last. */
  keys: Map<string, KeyStats>;
}
