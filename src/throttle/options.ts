/**
 * The options of throttles and of their callers, and their checks.
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

/**
 * A source of permits that several throttles share: a `Semaphore`, a `ClusterSemaphore`, or any object with such an
 * `acquire` method.
 */
export interface PermitSource {
  /** Waits for permits. */
  acquire(options?: WaitOptions & { count?: number | undefined }): Promise<Permit>;
  /** Takes permits if they are free now. A source that returns a promise here is used only through `acquire`. */
  tryAcquire?(count?: number): Permit | undefined | PromiseLike<Permit | undefined>;
}

/** The limits of each key. */
export interface PerKeyOptions {
  /** The maximum number of permits that one key may have in use. */
  limit?: number | undefined;
  /** The maximum number of calls of one key that may start per interval. */
  rate?: RateOptions | undefined;
}

/** The options of a throttle. */
export interface ThrottleOptions {
  /**
   * The maximum number of permits in use. `"auto"` adjusts the limit: it grows while calls succeed, and shrinks when
   * they fail or take longer. It may be omitted if `perKey`, `rate`, `semaphore` or `breaker` is given.
   */
  limit?: number | "auto" | undefined;
  /** The bounds of `limit: "auto"`. */
  bounds?: AdaptiveBounds | undefined;
  /** The limits of each key: a number of permits, or an object that may also limit the rate. */
  perKey?: number | PerKeyOptions | undefined;
  /** The maximum number of calls that may start per interval. */
  rate?: RateOptions | undefined;
  /** The maximum number of waiting callers; unlimited by default. With 0 no caller ever waits. */
  queueLimit?: number | undefined;
  /**
   * The policy for callers beyond `queueLimit`: `"reject"`, the default, rejects the caller with a `RejectedError`;
   * `"wait"` lets the caller wait anyway. Handlers answer 503 in either case.
   */
  overflow?: "wait" | "reject" | undefined;
  /** The `timeout` of callers that give none, in milliseconds; unlimited by default. */
  timeout?: number | undefined;
  /** The source of permits that this throttle shares with others, including those of other threads and processes. */
  semaphore?: PermitSource | undefined;
  /** The longest pause that a response of `fetch` may impose, in milliseconds; 60,000 by default. */
  maxPause?: number | undefined;
  /** The circuit breaker of each key; none by default. */
  breaker?: BreakerOptions | undefined;
  /** The retry policy of `fetch`; failed requests are not sent again by default. */
  retry?: FetchRetryOptions | undefined;
}

/** The options of a caller that acquires a permit of a throttle. */
export interface TurnOptions extends WaitOptions {
  /**
   * The key of the caller, such as a host or a client. Keys share the permits fairly and have limits of their own. All
   * callers without a key count as one key.
   */
  key?: string | undefined;
  /** The priority, higher first; 0 by default. */
  priority?: number | undefined;
  /** The number of permits that the caller takes; 1 by default. */
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
/** The option names of a turn, for the checks of options that extend these. */
export const TURN_NAMES = { key: true, priority: true, weight: true, timeout: true, signal: true } as const;
const TURN_OPTIONS: OptionNames<TurnOptions> = optionNames<TurnOptions>(TURN_NAMES);

/** The checked options of a throttle. */
export interface Settings {
  readonly limit: number;
  readonly auto: { readonly min: number; readonly max: number } | undefined;
  readonly perKey: number;
  /** Factories of the rate of one key and of the rate of all calls. */
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

/** The checked options of a turn. */
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

/** Returns the key of options that contain only a key, the most frequent case, without the full check. */
export function onlyKey(options: TurnOptions): string | undefined {
  if (typeof options !== "object" || options === null || !isPlain(options)) return undefined;
  // A loop, because an array of names would be garbage of every call.
  for (const name in options) if (name !== "key") return undefined;
  return typeof options.key === "string" ? options.key : undefined;
}

/** Checks the options of a caller; `defaults` are the default limits. */
export function checkTurn(what: string, options: TurnOptions, defaults: WaitLimits): TurnRequest {
  checkObject(`${what} as 'options'`, options);
  // Turns are frequent, so plain options are read in place instead of copied.
  const given = isPlain(options) ? options : checkOptions(`${what} as 'options'`, options, TURN_OPTIONS);
  let key = "", priority = 0, weight = 1, timeout = defaults.timeout;
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
    throw new RangeError(`${what} as 'priority' must be a number other than NaN: current value is NaN`);
  }
  if (weight !== 1) checkInteger(`${what} as 'weight'`, weight, 1);
  checkDuration(`${what} as 'timeout'`, timeout);
  checkSignal(`${what} as 'signal'`, signal);
  const limits = timeout === defaults.timeout && signal === undefined ? defaults : { timeout, signal };
  // Turns -0 into 0, so that both are the same priority.
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
