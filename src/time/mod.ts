/**
 * Functions called later: once, or repeatedly.
 *
 * `new Timer(1_000, fn, ...args).start()` calls a function once, later; `new Interval(1_000, fn, ...args).start()`
 * calls it repeatedly, without drift, overlap or bursts. `cancel()` stops them, `join()` waits for their end and rejects with the error
 * of the function; without a `join()` that error is an uncaught error. Any interval is kept, 2^31 ms and beyond.
 *
 * ## Limits
 *
 * - In vitest, jest, `node --test`, `bun test` and `deno test` with its sanitizers, a pool that was shut down leaves nothing that
 *   the runner counts. Fake timers do not reach Heddle: its timeouts, delays, rates and `Timer`s use real time. Only on Bun, and
 *   only if a fake replaces `process.nextTick` as well (sinon's `install()` does), processes stop, as Bun's own streams do.
 *
 * @module
 */

export { Timer } from "./timer.ts";
export { Interval } from "./interval.ts";
export type { WaitOptions } from "../core/wait_options.ts";
export { InvalidStateError, TimeoutError } from "../core/errors.ts";
