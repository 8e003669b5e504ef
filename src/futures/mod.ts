/**
 * Futures, and what executors have in common.
 *
 * @module
 */

export { asCompleted } from "./as_completed.ts";
export { Future, type FutureSource } from "./future.ts";
export type { Executor, ExecutorStats, MapOptions, Progress, ShutdownOptions, SubmitOptions } from "./executor.ts";
export type { Results } from "./results.ts";
export { wait, type WaitForOptions, type WaitResult } from "./wait.ts";
export type { WaitOptions } from "../core/wait_options.ts";
export type { Summary } from "../core/histogram.ts";
export { CancelledError, DeadlockError, InvalidStateError, TimeoutError } from "../core/errors.ts";
