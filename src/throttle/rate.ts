/**
 * How many may start in a time.
 *
 * @module
 */

import { checkDuration, checkInteger } from "../core/check.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import { TokenBucket } from "./token_bucket.ts";
import { SlidingWindow } from "./sliding_window.ts";

/** How many may start in a time. */
export interface RateOptions {
  /** How many starts there may be in any window of `interval`. */
  limit: number;
  /** Milliseconds. */
  interval: number;
  /**
   * With it the rate is kept on the average only: after a pause so many may start at once, then one after every
   * `interval / limit`.
   */
  burst?: number | undefined;
}

const OPTIONS: OptionNames<RateOptions> = optionNames<RateOptions>({ limit: true, interval: true, burst: true });

/** Keeps book of starts. */
export interface Rate {
  /** Milliseconds until one may start; 0 if it may now. */
  wait(now: number): number;
  /** One is let go. */
  start(now: number): void;
  /** Those let go since the last time have started by now, at the latest. */
  settle(now: number): void;
}

/** Makes a rate from what a user gave. */
export function makeRate(options: RateOptions): Rate {
  const { limit, interval, burst } = checkOptions("Cannot make a throttle as 'rate'", options, OPTIONS);
  checkInteger("Cannot make a throttle as 'rate.limit'", limit, 1, MOST);
  const what = "Cannot make a throttle as 'rate.interval'";
  checkDuration(what, interval);
  if (interval === 0 || interval === Infinity) {
    throw new RangeError(`${what} must be more than 0 ms and finite: current value is ${interval}`);
  }
  if (burst === undefined) return new SlidingWindow(limit, interval);
  return new TokenBucket(interval / limit, checkInteger("Cannot make a throttle as 'rate.burst'", burst, 1));
}

/** A window remembers so many starts. */
const MOST = 2 ** 24;
