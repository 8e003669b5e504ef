/**
 * Whether a request is sent again, and when.
 *
 * @module
 */

import { checkDuration, checkFunction, checkInteger, show } from "../core/check.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import type { RetryOptions } from "../futures/executor.ts";
import { runtime } from "../runtime/mod.ts";

/** How requests that fail are sent again. */
export interface FetchRetryOptions extends Omit<RetryOptions, "retryIf"> {
  /**
   * Says whether to send a request again whose attempt with this number, from 1, has ended with an error, or with a response from
   * 400 on. If left out, idempotent methods (GET, HEAD, OPTIONS, TRACE, PUT, DELETE) are retried after network errors and after
   * responses with status 408, 425, 429, 500, 502, 503 and 504.
   */
  retryIf?: ((error: unknown, attempt: number, response?: Response) => boolean) | undefined;
}

const OPTIONS: OptionNames<FetchRetryOptions> = optionNames<FetchRetryOptions>({
  maxAttempts: true,
  minDelay: true,
  maxDelay: true,
  jitter: true,
  retryIf: true,
});

/** RFC 9110, section 9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);
const RETRIED: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
/** Each delay is this many times as long as the one before. */
const MULTIPLIER = 2;

/** Options, checked and complete. */
export interface FetchRetryPlan {
  readonly maxAttempts: number;
  readonly minDelay: number;
  readonly maxDelay: number;
  readonly jitter: number;
  readonly retryIf: FetchRetryOptions["retryIf"];
}

/** Checks how requests are to be sent again. The defaults and delays are those of executors. */
export function checkFetchRetry(what: string, given: FetchRetryOptions): FetchRetryPlan {
  const { maxAttempts = 5, minDelay = 1_000, maxDelay = 60_000, jitter = 1, retryIf } = checkOptions(
    `${what}'`,
    given,
    OPTIONS,
  );
  checkInteger(`${what}.maxAttempts'`, maxAttempts, 1);
  checkDuration(`${what}.minDelay'`, minDelay);
  checkDuration(`${what}.maxDelay'`, maxDelay);
  if (minDelay > maxDelay) {
    throw new RangeError(
      `${what}.minDelay' must not be above 'maxDelay', ${maxDelay}: current value is ${minDelay}`,
    );
  }
  if (typeof jitter !== "number" || !(jitter >= 0 && jitter <= 1)) {
    const Wrong = typeof jitter === "number" ? RangeError : TypeError;
    throw new Wrong(`${what}.jitter' must be a number from 0 to 1: current value is ${show(jitter)}`);
  }
  if (retryIf !== undefined) checkFunction(`${what}.retryIf'`, retryIf);
  return { maxAttempts, minDelay, maxDelay, jitter, retryIf };
}

/** How long to wait after an attempt, counted from 1. */
export function delayAfter(attempt: number, { minDelay, maxDelay, jitter }: FetchRetryPlan): number {
  return Math.min(maxDelay, minDelay * MULTIPLIER ** (attempt - 1)) * (1 - jitter * Math.random());
}

/** How an attempt has ended: with a response, or else with an error. */
export interface Ending {
  readonly response?: Response;
  readonly error?: unknown;
}

/** Whether a request is sent again. */
export function wantsFetchRetry(plan: FetchRetryPlan, method: string, attempt: number, ending: Ending): boolean {
  const { response, error } = ending;
  if (attempt >= plan.maxAttempts || (response !== undefined && response.status < 400)) return false;
  if (plan.retryIf === undefined) {
    return IDEMPOTENT.has(method.toUpperCase()) && (response === undefined || RETRIED.has(response.status));
  }
  try {
    return plan.retryIf(error, attempt, response);
  } catch (mistake) {
    runtime.printError(mistake);
    return false;
  }
}

/** Whether the body of a request can be sent twice. A stream is used up by the first attempt. */
export function canSendTwice(init: RequestInit | undefined, request: Request | undefined): boolean {
  const body: unknown = init?.body;
  if (body === undefined || body === null) return request === undefined || request.body === null;
  return typeof body === "string" || body instanceof ArrayBuffer || ArrayBuffer.isView(body) || body instanceof Blob ||
    body instanceof FormData || body instanceof URLSearchParams;
}
