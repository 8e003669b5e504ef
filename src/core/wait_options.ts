/**
 * Checks the limits of a wait: timeout and signal.
 *
 * @module
 */

import { checkDuration, checkSignal } from "./check.ts";
import { checkObject, checkOptions, isPlain, type OptionNames, optionNames, unknownOption } from "./options.ts";

/** Limits of a wait. */
export interface WaitOptions {
  /** The maximum time to wait, in milliseconds; 0 never waits. Without a timeout the wait has no limit. */
  timeout?: number | undefined;
  /** Ends the wait with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Limits that were checked. */
export interface WaitLimits {
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

/** The limits of a wait without options. */
export const NO_LIMITS: WaitLimits = { timeout: Infinity, signal: undefined };

/** The names of the options of a wait. */
export const WAIT_OPTIONS: OptionNames<WaitOptions> = optionNames<WaitOptions>({ timeout: true, signal: true });

/**
 * Checks the limits of a wait.
 *
 * @param what the start of the messages, as in "Cannot acquire".
 * @param known the names of all options, if the caller accepts more than limits.
 */
export function checkWait(
  what: string,
  options: WaitOptions | undefined,
  known: OptionNames<WaitOptions> = WAIT_OPTIONS,
): WaitLimits {
  if (options === undefined) return NO_LIMITS;
  checkObject(`${what} as 'options'`, options);
  // Waits are frequent, so plain options are read without a copy.
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
