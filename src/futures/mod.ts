/**
 * Futures, and what executors have in common.
 *
 * @module
 */

export { asCompleted, type CompletedFutures, type CompletedIterable } from "./as_completed.ts";
export { Future, type FutureSource } from "./future.ts";
export type {
  Executor,
  ExecutorStats,
  MapOptions,
  Progress,
  RetryOptions,
  ShutdownOptions,
  SubmitOptions,
} from "./executor.ts";
export type { Results } from "./results.ts";
export {
  Pipeline,
  pipeline,
  type PipelineExecutor,
  type PipelineMapOptions,
  type PipelineStart,
  type StepOptions,
} from "./pipeline.ts";
export { TaskGroup, type TaskGroupOptions } from "./task_group.ts";
export { wait, type WaitForOptions, type WaitResult } from "./wait.ts";
export type { WaitOptions } from "../core/wait_options.ts";
export type { Summary } from "../core/histogram.ts";
export { CancelledError, DeadlockError, InvalidStateError, TimeoutError } from "../core/errors.ts";
