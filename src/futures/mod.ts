/**
 * Futures, and what executors have in common.
 *
 * @module
 */

export { Future, type FutureSource } from "./future.ts";
export type { Executor, ExecutorStats, MapOptions, Progress, ShutdownOptions, SubmitOptions } from "./executor.ts";
export type { Results } from "./results.ts";
export type { WaitOptions } from "../core/wait_options.ts";
export type { Summary } from "../core/histogram.ts";
export { CancelledError, InvalidStateError, TimeoutError } from "../core/errors.ts";
