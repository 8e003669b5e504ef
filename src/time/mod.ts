/**
 * Timers: functions called later, once or repeatedly.
 *
 * `new Timer(1_000, fn, ...args).start()` calls a function once. `new Interval(1_000, fn, ...args).start()` calls it
 * repeatedly, without drift, overlap or bursts. `cancel()` stops them. `join()` waits for their end and rejects with
 * the error of the function. Without a `join()` that error is an uncaught error. Intervals may exceed 2^31 ms.
 *
 * ## Limits
 *
 * - Test runners (vitest, jest, `node --test`, `bun test`, `deno test` with its sanitizers) find no leak after a pool
 *   was shut down.
 * - Fake timers do not affect Heddle: its timeouts, delays, rates and `Timer`s use real time. One exception is Bun: a
 *   fake that also replaces `process.nextTick`, as sinon's `install()` does, stops processes, as it stops Bun's own
 *   streams.
 *
 * @module
 */

export { Timer } from "./timer.ts";
export { Interval } from "./interval.ts";
export type { WaitOptions } from "../core/wait_options.ts";
export { InvalidStateError, TimeoutError } from "../core/errors.ts";
