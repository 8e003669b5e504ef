/**
 * Limits of the number of calls that start per interval.
 *
 * @module
 */

import { checkDuration, checkInteger } from "../core/check.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import { SlidingWindow } from "./sliding_window.ts";
import { TokenBucket } from "./token_bucket.ts";

/** The maximum number of calls that may start per interval. */
export interface RateOptions {
  /** The maximum number of starts in any time window of length `interval`. */
  limit: number;
  /** The length of the interval in milliseconds. */
  interval: number;
  /**
   * If given, only the average rate is limited: after a pause up to `burst` calls start at once, then one every
   * `interval / limit` milliseconds.
   */
  burst?: number | undefined;
}

const OPTIONS: OptionNames<RateOptions> = optionNames<RateOptions>({ limit: true, interval: true, burst: true });

/** Counts starts and limits their rate. */
export interface Rate {
  /** The time in milliseconds until the next call may start; 0 if it may start now. */
  wait(now: number): number;
  /** Counts an admitted call. */
  start(now: number): void;
  /** The calls counted since the last `settle` have started by this time. */
  settle(now: number): void;
  /**
   * Whether a call may start at any time, so that the caller need not read the clock, which costs more than the start.
   */
  readonly free: boolean;
  /** Whether `start` ignores the time, because an earlier start of this turn of the event loop is not settled yet. */
  readonly open: boolean;
  /** The time from which the counted starts have no effect. */
  readonly end: number;
}

/**
 * Checks the options of a rate and returns a factory of such rates. Messages begin with `what`, such as "Cannot make a
 * throttle as 'rate".
 */
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

/** The maximum `limit`: a window stores each of its starts. */
const MOST = 2 ** 24;
