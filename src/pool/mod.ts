/**
 * Executors: pools of threads, pools of processes, and the calling loop.
 *
 * @module
 */

export { InlineExecutor, type InlineExecutorConstructor } from "./inline_pool.ts";
export { ProcessPoolExecutor, type ProcessPoolExecutorConstructor } from "./process_pool.ts";
export { ThreadPoolExecutor, type ThreadPoolExecutorConstructor } from "./thread_pool.ts";
export type { PoolExecutor } from "./pool_base.ts";
export { ExecutorEvent, type ExecutorEvents, ExecutorTarget } from "./events.ts";
export { GracefulShutdown, gracefulShutdown, type GracefulShutdownOptions } from "./graceful_shutdown.ts";
export type { StopSignal } from "../runtime/types.ts";
export type { InitializerOptions, PoolOptions, ProcessPoolOptions, ThreadPoolOptions } from "./options.ts";
export {
  BrokenExecutorError,
  CancelledError,
  InvalidStateError,
  RejectedError,
  RemoteError,
  TimeoutError,
  type WorkerEnd,
  WorkerLostError,
} from "../core/errors.ts";
