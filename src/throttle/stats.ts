/**
 * What a throttle tells about itself.
 *
 * @module
 */

import type { Summary } from "../core/histogram.ts";

/** One key of a throttle. */
export interface KeyStats {
  /** Permits in use. */
  active: number;
  /** Callers that wait. */
  waiting: number;
  /** How many callers had a permit and gave it back. */
  done: number;
  /** How many callers were turned away. */
  shed: number;
}

/** A throttle, as it was at one moment. */
export interface ThrottleStats extends KeyStats {
  /** How many permits may be in use at once. */
  limit: number;
  /** How many responses of `fetch` hold a permit for a body that nobody has begun to read for ten seconds. */
  unread: number;
  /** How long callers have waited for their permits, in milliseconds; of those in a long line every eighth. */
  waitTime: Summary;
  /** By key: those in use, and up to 1,000 that were used last. */
  keys: Map<string, KeyStats>;
}
