/**
 * Functions called later: once, or again and again.
 *
 * @module
 */

export { Timer } from "./timer.ts";
export { Interval } from "./interval.ts";
export type { WaitOptions } from "../core/wait_options.ts";
export { InvalidStateError, TimeoutError } from "../core/errors.ts";
