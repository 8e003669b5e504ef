/**
 * The options of throttles and of their callers.
 *
 * @module
 */

import { checkDuration, checkInteger, checkIntegerOr, checkOneOf, checkSignal, show } from "../core/check.ts";
import { checkObject, checkOptions, isPlain, type OptionNames, optionNames, unknownOption } from "../core/options.ts";
import type { WaitLimits, WaitOptions } from "../core/wait_options.ts";
import type { Permit } from "../sync/permit.ts";
import type { AdaptiveBounds } from "./adaptive_limit.ts";
import { type BreakerOptions, type BreakerPlan, checkBreaker } from "./breaker.ts";
import { checkRate, type Rate, type RateOptions } from "./rate.ts";
import { checkRetry } from "../futures/retry_plan.ts";
import type { FetchRetryOptions, FetchRetryPlan } from "./retry.ts";

const MAKE = "Cannot make a throttle as";

/** Permits that several throttles share: a `Semaphore`, a `ClusterSemaphore`, or anything else with an `acquire` like theirs. */
export interface PermitSource {
  /** Waits for permits. */
  acquire(options?: WaitOptions & { count?: number | undefined }): Promise<Permit>;
  /** Takes permits if that is possible at once; not used if it answers later. */
  tryAcquire?(count?: number): Permit | undefined | PromiseLike<Permit | undefined>;
}

/** The limits of each key. */
export interface PerKeyOptions {
  /** How many permits one key may have in use. */
  limit?: number | undefined;
  /** How many calls of one key may start in an interval. */
  rate?: RateOptions | undefined;
}

/** How a throttle limits. */
export interface ThrottleOptions {
  /**
   * How many permits may be in use at once. `"auto"` adjusts the limit: it grows while calls succeed and shrinks when they fail or
   * take longer. It may be left out where there is another limit: `perKey`, `rate`, `semaphore` or `breaker`.
   */
  limit?: number | "auto" | undefined;
  /** The bounds of `limit: "auto"`. */
  bounds?: AdaptiveBounds | undefined;
  /** How many permits one key may have in use, or also how many of its calls may start in an interval. */
  perKey?: number | PerKeyOptions | undefined;
  /** How many calls may start in an interval. */
  rate?: RateOptions | undefined;
  /** How many callers may wait; unlimited if left out. With 0 no caller ever waits. */
  queueLimit?: number | undefined;
  /**
   * What happens to a caller when the queue is full: `"reject"`, the default, rejects it with a `RejectedError`, `"wait"` lets it wait
   * all the same. Handlers answer 503 in either case.
   */
  overflow?: "wait" | "reject" | undefined;
  /** How many milliseconds a caller waits that gives no `timeout` of its own. */
  timeout?: number | undefined;
  /** Permits shared with other throttles, of other threads and processes too. */
  semaphore?: PermitSource | undefined;
  /** The longest pause that the answer to a `fetch` may impose, in milliseconds; 60,000 if left out. */
  maxPause?: number | undefined;
  /** Stops calling, for each key, what fails. */
  breaker?: BreakerOptions | undefined;
  /** Sends requests of `fetch` again that fail. */
  retry?: FetchRetryOptions | undefined;
}

/** How to acquire a permit of a throttle. */
export interface TurnOptions extends WaitOptions {
  /** What shares fairly and has limits of its own, such as a host. Callers without a key share one. */
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
  maxPause: true,
  breaker: true,
  retry: true,
});
const PER_KEY_OPTIONS: OptionNames<PerKeyOptions> = optionNames<PerKeyOptions>({ limit: true, rate: true });
const BOUNDS_OPTIONS: OptionNames<AdaptiveBounds> = optionNames<AdaptiveBounds>({ min: true, max: true, start: true });
/** The names of the options of a turn, for lists of names. */
export const TURN_NAMES = { key: true, priority: true, weight: true, timeout: true, signal: true } as const;
const TURN_OPTIONS: OptionNames<TurnOptions> = optionNames<TurnOptions>(TURN_NAMES);

/** Options that were checked. */
export interface Settings {
  readonly limit: number;
  readonly auto: { readonly min: number; readonly max: number } | undefined;
  readonly perKey: number;
  /** Make the rates of a key and of all calls. */
  readonly keyRate: (() => Rate) | undefined;
  readonly rate: (() => Rate) | undefined;
  readonly queueLimit: number;
  readonly overflow: "wait" | "reject";
  readonly timeout: number;
  readonly semaphore: PermitSource | undefined;
  readonly maxPause: number;
  readonly breaker: BreakerPlan | undefined;
  readonly retry: FetchRetryPlan | undefined;
}

/** The options of a turn, checked. */
export interface TurnRequest {
  readonly key: string;
  readonly priority: number;
  readonly weight: number;
  readonly limits: WaitLimits;
}

/** Checks the options of a throttle. */
export function checkThrottle(options: ThrottleOptions): Settings {
  const {
    limit,
    bounds,
    perKey,
    rate,
    queueLimit,
    overflow = "reject",
    timeout = Infinity,
    semaphore,
    maxPause = 60_000,
    breaker,
    retry,
  } = checkOptions(`${MAKE} 'options'`, options, THROTTLE_OPTIONS);
  if ([limit, perKey, rate, semaphore, breaker].every((each) => each === undefined)) {
    throw new TypeError(`${MAKE} 'limit' must be a number or "auto": current value is undefined`);
  }
  const auto = limit === "auto" ? checkBounds(bounds) : undefined;
  if (semaphore !== undefined && typeof semaphore?.acquire !== "function") {
    throw new TypeError(`${MAKE} 'semaphore' must be a Semaphore: current value is ${show(semaphore)}`);
  }
  return {
    limit: auto?.start ?? checkAutoLimit(limit ?? Infinity),
    auto,
    ...checkPerKey(perKey),
    rate: rate === undefined ? undefined : checkRate(`${MAKE} 'rate`, rate),
    queueLimit: queueLimit === undefined || queueLimit === Infinity
      ? Infinity
      : checkInteger(`${MAKE} 'queueLimit'`, queueLimit, 0),
    overflow: checkOneOf(`${MAKE} 'overflow'`, overflow, ["wait", "reject"]),
    timeout: checkDuration(`${MAKE} 'timeout'`, timeout),
    semaphore,
    maxPause: checkDuration(`${MAKE} 'maxPause'`, maxPause),
    breaker: breaker === undefined ? undefined : checkBreaker(`${MAKE} 'breaker`, breaker),
    retry: retry === undefined ? undefined : checkRetry(`${MAKE} 'retry'`, retry),
  };
}

function checkPerKey(perKey: number | PerKeyOptions = {}): Pick<Settings, "perKey" | "keyRate"> {
  const what = `${MAKE} 'perKey`;
  if (typeof perKey !== "object") return { perKey: checkLimit(`${what}'`, perKey), keyRate: undefined };
  const { limit, rate } = checkOptions(`${what}'`, perKey, PER_KEY_OPTIONS);
  return {
    perKey: limit === undefined ? Infinity : checkLimit(`${what}.limit'`, limit),
    keyRate: rate === undefined ? undefined : checkRate(`${what}.rate`, rate),
  };
}

/** Checks a limit: an integer of at least 1, or Infinity. */
export function checkLimit(what: string, limit: unknown): number {
  return limit === Infinity ? limit : checkInteger(what, limit, 1);
}

function checkAutoLimit(limit: unknown): number {
  return limit === Infinity ? limit : checkIntegerOr(`${MAKE} 'limit'`, "auto", limit, 1) as number;
}

/** The key of a caller that gives nothing else, as most do: the shortest way through the checks. */
export function onlyKey(options: TurnOptions): string | undefined {
  if (typeof options !== "object" || options === null || !isPlain(options)) return undefined;
  // A loop, because an array of names would be garbage of every call.
  for (const name in options) if (name !== "key") return undefined;
  return typeof options.key === "string" ? options.key : undefined;
}

/** Checks the options of a caller; `usual` are the limits of a caller that names none. */
export function checkTurn(what: string, options: TurnOptions, usual: WaitLimits): TurnRequest {
  checkObject(`${what} as 'options'`, options);
  // Turns are frequent: plain options are read in place, and not copied.
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
