/**
 * How many calls may start in an interval.
 *
 * @module
 */

import { checkDuration, checkInteger } from "../core/check.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import { SlidingWindow } from "./sliding_window.ts";
import { TokenBucket } from "./token_bucket.ts";

/** How many calls may start in an interval. */
export interface RateOptions {
  /** How many starts there may be in any window of `interval`. */
  limit: number;
  /** Milliseconds. */
  interval: number;
  /**
   * With it the rate is kept on the average only: after a pause up to `burst` calls start at once, then one after every
   * `interval / limit`.
   */
  burst?: number | undefined;
}

const OPTIONS: OptionNames<RateOptions> = optionNames<RateOptions>({ limit: true, interval: true, burst: true });

/** Counts starts. */
export interface Rate {
  /** Milliseconds until one may start; 0 if it may now. */
  wait(now: number): number;
  /** A call is admitted. */
  start(now: number): void;
  /** The calls admitted since the last time have started by now, at the latest. */
  settle(now: number): void;
  /** Whether one may start whatever the time is. To read the clock takes longer than to start. */
  readonly free: boolean;
  /** Whether a start needs no time, as others of this turn of the loop were counted. */
  readonly open: boolean;
  /** From when on the starts so far no longer matter. */
  readonly end: number;
}

/** Checks a rate; returns what makes one that has counted nothing. `what` begins the messages, as in "Cannot make a throttle as 'rate". */
export function checkRate(what: string, options: RateOptions): () => Rate {
  const { limit, interval, burst } = checkOptions(`${what}'`, options, OPTIONS);
  checkInteger(`${what}.limit'`, limit, 1, MOST);
  checkDuration(`${what}.interval'`, interval);
  if (interval === 0 || interval === Infinity) {
    throw new RangeError(`${what}.interval' must be more than 0 ms and finite: current value is ${interval}`);
  }
  if (burst === undefined) return () => new SlidingWindow(limit, interval);
  checkInteger(`${what}.burst'`, burst, 1);
  return () => new TokenBucket(interval / limit, burst);
}

/** A window remembers at most this many starts. */
const MOST = 2 ** 24;
