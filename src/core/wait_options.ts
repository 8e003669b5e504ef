/**
 * Limits of a wait.
 *
 * @module
 */

import { checkDuration, checkSignal } from "./check.ts";
import { checkObject, checkOptions, isPlain, type OptionNames, optionNames, unknownOption } from "./options.ts";

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

/** What a wait takes. */
export const WAIT_OPTIONS: OptionNames<WaitOptions> = optionNames<WaitOptions>({ timeout: true, signal: true });

/**
 * Checks the limits of a wait; `what` begins the message, as in "Cannot acquire".
 *
 * @param known what the caller takes, if it takes more than limits.
 */
export function checkWait(
  what: string,
  options: WaitOptions | undefined,
  known: OptionNames<WaitOptions> = WAIT_OPTIONS,
): WaitLimits {
  if (options === undefined) return NO_LIMITS;
  checkObject(`${what} as 'options'`, options);
  // Waits are frequent: usual options are looked through, and not copied.
  const given = isPlain(options) ? options : checkOptions(`${what} as 'options'`, options, known);
  let [timeout, signal]: [unknown, unknown] = [Infinity, undefined];
  for (const name of Object.keys(given) as (keyof WaitOptions)[]) {
    const value = given[name];
    if (value === undefined) continue;
    if (name === "timeout") timeout = value;
    else if (name === "signal") signal = value;
    else if (!known.has(name)) throw unknownOption(what, name, known);
  }
  if (timeout !== Infinity) checkDuration(`${what} as 'timeout'`, timeout);
  if (signal !== undefined) checkSignal(`${what} as 'signal'`, signal);
  return { timeout: timeout as number, signal: signal as AbortSignal | undefined };
}
