/**
 * Limits of a wait.
 *
 * @module
 */

import { checkDuration, checkOptions, checkSignal } from "./check.ts";

/** How long to wait, and what ends the wait early. */
export interface WaitOptions {
  /** Milliseconds; 0 means now or never. Without it the wait has no limit. */
  timeout?: number | undefined;
  /** Ends the wait with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Limits that were checked. */
export interface WaitLimits {
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

/** Of a wait without options. */
export const NO_LIMITS: WaitLimits = { timeout: Infinity, signal: undefined };

/** Checks the limits of a wait; `what` begins the message, as in "Cannot acquire". */
export function checkWait(what: string, options: WaitOptions | undefined): WaitLimits {
  if (options === undefined) return NO_LIMITS;
  const { timeout = Infinity, signal } = checkOptions(`${what} as 'options'`, options);
  checkDuration(`${what} as 'timeout'`, timeout);
  checkSignal(`${what} as 'signal'`, signal);
  return { timeout, signal };
}
