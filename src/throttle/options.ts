/**
 * What throttles and their callers are given.
 *
 * @module
 */

import { checkDuration, checkInteger, checkIntegerOr, checkOneOf, checkSignal, show } from "../core/check.ts";
import { checkObject, checkOptions, isPlain, type OptionNames, optionNames, unknownOption } from "../core/options.ts";
import type { WaitLimits, WaitOptions } from "../core/wait_options.ts";
import type { Permit } from "../sync/permit.ts";
import type { AdaptiveBounds } from "./adaptive_limit.ts";
import { makeRate, type Rate, type RateOptions } from "./rate.ts";

const MAKE = "Cannot make a throttle as";

/** Permits that several throttles share: a `Semaphore`, a `ClusterSemaphore`, or anything that lends permits as one does. */
export interface PermitSource {
  /** Waits for permits. */
  acquire(options?: WaitOptions & { count?: number | undefined }): Promise<Permit>;
  /** Takes permits if that is possible at once; not used if it answers later. */
  tryAcquire?(count?: number): Permit | undefined | PromiseLike<Permit | undefined>;
}

/** How a throttle limits. */
export interface ThrottleOptions {
  /**
   * How many permits may be in use at once. `"auto"` finds out: it grows while work goes well and shrinks when it fails or
   * takes longer. It may be left out where something else limits: `perKey`, `rate` or `semaphore`.
   */
  limit?: number | "auto" | undefined;
  /** The bounds of `limit: "auto"`. */
  bounds?: AdaptiveBounds | undefined;
  /** How many permits one key may have in use. */
  perKey?: number | undefined;
  /** How many may start in a time. */
  rate?: RateOptions | undefined;
  /** How many may wait; any number if left out, and with 0 nobody ever does. */
  queueLimit?: number | undefined;
  /**
   * What happens to a caller for whom there is no place in the queue: `"reject"`, as by default, turns it away with a
   * `RejectedError`, `"wait"` lets it wait all the same. Handlers answer 503 in either case.
   */
  overflow?: "wait" | "reject" | undefined;
  /** How long a caller waits who does not say it, in milliseconds. */
  timeout?: number | undefined;
  /** Permits shared with other throttles, of other threads and processes too. */
  semaphore?: PermitSource | undefined;
}

/** How to acquire a permit of a throttle. */
export interface TurnOptions extends WaitOptions {
  /** With whom to share fairly, such as a host; those who say nothing share one key. */
  key?: string | undefined;
  /** Higher first; 0 if left out. */
  priority?: number | undefined;
  /** How many permits it takes; 1 if left out. */
  weight?: number | undefined;
}

const THROTTLE_OPTIONS: OptionNames<ThrottleOptions> = optionNames<ThrottleOptions>({
  limit: true,
  bounds: true,
  perKey: true,
  rate: true,
  queueLimit: true,
  overflow: true,
  timeout: true,
  semaphore: true,
});
const BOUNDS_OPTIONS: OptionNames<AdaptiveBounds> = optionNames<AdaptiveBounds>({ min: true, max: true, start: true });
/** The names of what a turn takes, for lists of names. */
export const TURN_NAMES = { key: true, priority: true, weight: true, timeout: true, signal: true } as const;
const TURN_OPTIONS: OptionNames<TurnOptions> = optionNames<TurnOptions>(TURN_NAMES);

/** Options that were checked. */
export interface Settings {
  readonly limit: number;
  readonly auto: { readonly min: number; readonly max: number } | undefined;
  readonly perKey: number;
  readonly rate: Rate | undefined;
  readonly queueLimit: number;
  readonly overflow: "wait" | "reject";
  readonly timeout: number;
  readonly semaphore: PermitSource | undefined;
}

/** What one asks for, checked. */
export interface TurnRequest {
  readonly key: string;
  readonly priority: number;
  readonly weight: number;
  readonly limits: WaitLimits;
}

/** Checks the options of a throttle. */
export function checkThrottle(options: ThrottleOptions): Settings {
  const { limit, bounds, perKey, rate, queueLimit, overflow = "reject", timeout = Infinity, semaphore } = checkOptions(
    `${MAKE} 'options'`,
    options,
    THROTTLE_OPTIONS,
  );
  if (limit === undefined && perKey === undefined && rate === undefined && semaphore === undefined) {
    throw new TypeError(`${MAKE} 'limit' must be a number or "auto": current value is undefined`);
  }
  const auto = limit === "auto" ? checkBounds(bounds) : undefined;
  if (semaphore !== undefined && typeof semaphore?.acquire !== "function") {
    throw new TypeError(`${MAKE} 'semaphore' must be a Semaphore: current value is ${show(semaphore)}`);
  }
  return {
    limit: auto?.start ?? checkAutoLimit(limit ?? Infinity),
    auto,
    perKey: perKey === undefined ? Infinity : checkLimit(`${MAKE} 'perKey'`, perKey),
    rate: rate === undefined ? undefined : makeRate(rate),
    queueLimit: queueLimit === undefined || queueLimit === Infinity
      ? Infinity
      : checkInteger(`${MAKE} 'queueLimit'`, queueLimit, 0),
    overflow: checkOneOf(`${MAKE} 'overflow'`, overflow, ["wait", "reject"]),
    timeout: checkDuration(`${MAKE} 'timeout'`, timeout),
    semaphore,
  };
}

/** Checks a limit: an integer of at least 1, or Infinity. */
export function checkLimit(what: string, limit: unknown): number {
  return limit === Infinity ? limit : checkInteger(what, limit, 1);
}

function checkAutoLimit(limit: unknown): number {
  return limit === Infinity ? limit : checkIntegerOr(`${MAKE} 'limit'`, "auto", limit, 1) as number;
}

/** Checks what a caller gave; `usual` are the limits of one who says nothing. */
export function checkTurn(what: string, options: TurnOptions, usual: WaitLimits): TurnRequest {
  checkObject(`${what} as 'options'`, options);
  // Turns are frequent: usual options are looked through, and not copied.
  const given = isPlain(options) ? options : checkOptions(`${what} as 'options'`, options, TURN_OPTIONS);
  let key = "", priority = 0, weight = 1, timeout = usual.timeout;
  let signal: AbortSignal | undefined;
  for (const name of Object.keys(given) as (keyof TurnOptions)[]) {
    if (given[name] === undefined) continue;
    if (name === "key") key = given[name];
    else if (name === "priority") priority = given[name];
    else if (name === "weight") weight = given[name];
    else if (name === "timeout") timeout = given[name];
    else if (name === "signal") signal = given[name];
    else throw unknownOption(what, name, TURN_OPTIONS);
  }
  if (typeof key !== "string") throw new TypeError(`${what} as 'key' must be a string: current value is ${show(key)}`);
  if (typeof priority !== "number") {
    throw new TypeError(`${what} as 'priority' must be a number: current value is ${show(priority)}`);
  }
  if (Number.isNaN(priority)) {
    throw new RangeError(`${what} as 'priority' must be a number that has an order: current value is NaN`);
  }
  if (weight !== 1) checkInteger(`${what} as 'weight'`, weight, 1);
  checkDuration(`${what} as 'timeout'`, timeout);
  checkSignal(`${what} as 'signal'`, signal);
  const limits = timeout === usual.timeout && signal === undefined ? usual : { timeout, signal };
  // Zeros of both signs are one priority.
  return { key, priority: priority + 0, weight, limits };
}

function checkBounds(bounds: AdaptiveBounds = {}): { min: number; max: number; start: number } {
  const { min = 1, max = Math.max(1_000, min), start = Math.min(Math.max(10, min), max) } = checkOptions(
    `${MAKE} 'bounds'`,
    bounds,
    BOUNDS_OPTIONS,
  );
  checkInteger(`${MAKE} 'bounds.min'`, min, 1);
  checkInteger(`${MAKE} 'bounds.max'`, max, min);
  checkInteger(`${MAKE} 'bounds.start'`, start, min, max);
  return { min, max, start };
}
