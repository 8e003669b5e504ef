/**
 * Whether a request is sent again, and when.
 *
 * @module
 */

import type { RetryOptions } from "../futures/executor.ts";
import { decides, type RetryPlan } from "../futures/retry_plan.ts";

/** How requests that fail are sent again. */
export interface FetchRetryOptions extends Omit<RetryOptions, "retryIf"> {
  /**
   * Says whether to send a request again whose attempt with this number, from 1, has ended with an error, or with a response from
   * 400 on. If left out, idempotent methods (GET, HEAD, OPTIONS, TRACE, PUT, DELETE) are retried after network errors and after
   * responses with status 408, 425, 429, 500, 502, 503 and 504.
   */
  retryIf?: ((error: unknown, attempt: number, response?: Response) => boolean) | undefined;
}

/** RFC 9110, section 9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);
const RETRIED: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
/** Options, checked and complete. The defaults and delays are those of executors. */
export type FetchRetryPlan = RetryPlan<NonNullable<FetchRetryOptions["retryIf"]>>;

/** How an attempt has ended: with a response, or else with an error. */
export interface Ending {
  readonly response?: Response;
  readonly error?: unknown;
}

/** Whether a request is sent again. */
export function wantsFetchRetry(plan: FetchRetryPlan, method: string, attempt: number, ending: Ending): boolean {
  const { response, error } = ending;
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
