/**
 * Decides whether a request is sent again.
 *
 * @module
 */

import type { RetryOptions } from "../futures/executor.ts";
import { decides, type RetryPlan } from "../futures/retry_plan.ts";

/** The retry policy of requests. */
export interface FetchRetryOptions extends Omit<RetryOptions, "retryIf"> {
  /**
   * Decides whether a request is sent again after an attempt that ended with an error, or with a response whose status
   * is at least 400. `attempt` is the number of that attempt, from 1. If omitted, idempotent methods (GET, HEAD,
   * OPTIONS, TRACE, PUT, DELETE) are retried after network errors and after responses with status 408, 425, 429, 500,
   * 502, 503 and 504.
   */
  retryIf?: ((error: unknown, attempt: number, response?: Response) => boolean) | undefined;
}

/** RFC 9110, section 9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);
const RETRIED: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
/** The checked options, complete with defaults. Defaults and delays are those of executors. */
export type FetchRetryPlan = RetryPlan<NonNullable<FetchRetryOptions["retryIf"]>>;

/** The outcome of an attempt: a response, or an error. */
export interface AttemptOutcome {
  readonly response?: Response;
  readonly error?: unknown;
}

/** Whether a request is sent again after this attempt. */
export function wantsFetchRetry(
  plan: FetchRetryPlan,
  method: string,
  attempt: number,
  outcome: AttemptOutcome,
): boolean {
  const { response, error } = outcome;
  if (attempt >= plan.maxAttempts || (response !== undefined && response.status < 400)) return false;
  const { retryIf } = plan;
  if (retryIf === undefined) {
    return IDEMPOTENT.has(method.toUpperCase()) && (response === undefined || RETRIED.has(response.status));
  }
  return decides(() => retryIf(error, attempt, response));
}

/** Whether the body of a request can be sent twice. A stream is used up by the first attempt. */
export function canSendTwice(init: RequestInit | undefined, request: Request | undefined): boolean {
  const body: unknown = init?.body;
  if (body === undefined || body === null) return request === undefined || request.body === null;
  return typeof body === "string" || body instanceof ArrayBuffer || ArrayBuffer.isView(body) || body instanceof Blob ||
    body instanceof FormData || body instanceof URLSearchParams;
}
