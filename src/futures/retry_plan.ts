/**
 * Decides whether a failed attempt is followed by another one, and after which delay.
 *
 * @module
 */

import { checkDelays, checkFraction, checkFunction, checkInteger } from "../core/check.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import { WorkerLostError } from "../core/errors.ts";
import type { RetryOptions } from "./executor.ts";
import { runtime } from "../runtime/mod.ts";

/** The factor between successive delays. */
const MULTIPLIER = 2;

const OPTIONS: OptionNames<RetryOptions> = optionNames<RetryOptions>({
  maxAttempts: true,
  minDelay: true,
  maxDelay: true,
  jitter: true,
  retryIf: true,
});

/** The function that decides about a retry. */
type RetryIf = NonNullable<RetryOptions["retryIf"]>;

/** Retry options whose `retryIf` has another signature. */
type RetryOptionsOf<F> = Omit<RetryOptions, "retryIf"> & { retryIf?: F | undefined };

/** Growing delays. */
export interface DelayPlan {
  readonly minDelay: number;
  readonly maxDelay: number;
  readonly jitter: number;
}

/** The options of a retry, checked and with defaults. */
export interface RetryPlan<F = RetryIf> extends DelayPlan {
  readonly maxAttempts: number;
  readonly retryIf: F | undefined;
}

/**
 * Checks retry options, and adds the defaults. The defaults and the delays are those of `retry` of `@std/async`.
 * Calling that function here is tempting, as it takes a signal too. But it calls a function in place, whereas a retried
 * task goes through the queue of its pool each time.
 */
export function checkRetry<F = RetryIf>(what: string, given: RetryOptionsOf<F>): RetryPlan<F> {
  const { maxAttempts = 5, minDelay = 1_000, maxDelay = 60_000, jitter = 1, retryIf } = checkOptions(
    what,
    given,
    OPTIONS as OptionNames<RetryOptionsOf<F>>,
  );
  const within = (name: string) => `${what.slice(0, -1)}.${name}'`;
  checkInteger(within("maxAttempts"), maxAttempts, 1);
  checkDelays(within, minDelay, maxDelay);
  checkFraction(within("jitter"), jitter);
  if (retryIf !== undefined) checkFunction(within("retryIf"), retryIf);
  return { maxAttempts, minDelay, maxDelay, jitter, retryIf };
}

/**
 * The delay after an attempt, counted from 1: doubled each time up to the maximum, less a random part (exponential
 * backoff with jitter; Brooker 2015, Exponential Backoff And Jitter).
 */
export function pauseAfter(
  attempt: number,
  plan: DelayPlan,
  random: number = Math.random(),
): number {
  const longest = Math.min(plan.maxDelay, plan.minDelay * MULTIPLIER ** (attempt - 1));
  return longest * (1 - plan.jitter * random);
}

/**
 * Whether a failed attempt is retried. A lost worker may have done the work, so only `retryIf` can decide that case.
 */
export function wantsRetry(plan: RetryPlan, error: unknown, attempt: number): boolean {
  if (attempt >= plan.maxAttempts) return false;
  const { retryIf } = plan;
  return retryIf === undefined ? !(error instanceof WorkerLostError) : decides(() => retryIf(error, attempt));
}

/** Calls a `retryIf`. If it throws, its error is printed, and the attempt is not retried. */
export function decides(ask: () => boolean): boolean {
  try {
    return ask();
  } catch (mistake) {
    runtime.printError(mistake);
    return false;
  }
}

/**
 * Adds the earlier errors to the last one, in order: as its own property `errors`, or at the end of its cause chain if
 * it has such a property already. The error keeps its identity.
 */
export function carryErrors(error: unknown, earlier: readonly unknown[]): void {
  if (earlier.length === 0 || typeof error !== "object" || error === null) return;
  try {
    if (!Object.hasOwn(error, "errors")) {
      Object.defineProperty(error, "errors", { value: [...earlier], configurable: true, writable: true });
      return;
    }
    let last = error as { cause?: unknown };
    const seen = new Set<unknown>([last]);
    while (typeof last.cause === "object" && last.cause !== null && !seen.has(last.cause)) {
      last = last.cause as { cause?: unknown };
      seen.add(last);
    }
    const value = new AggregateError(earlier, "Earlier attempts failed too");
    Object.defineProperty(last, "cause", { value, configurable: true, writable: true });
  } catch {
    // A frozen error is left unchanged.
  }
}
