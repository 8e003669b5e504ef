/**
 * Executors: pools of threads, pools of processes, and the calling loop.
 *
 * @module
 */

export { InlineExecutor } from "./inline_pool.ts";
export { ProcessPoolExecutor } from "./process_pool.ts";
export { ThreadPoolExecutor } from "./thread_pool.ts";
export { PoolBase } from "./pool_base.ts";
export { ExecutorEvent, type ExecutorEvents, ExecutorTarget } from "./events.ts";
export { GracefulShutdown, gracefulShutdown, type GracefulShutdownOptions } from "./graceful_shutdown.ts";
export type { StopSignal } from "../runtime/types.ts";
export type { PoolOptions, ProcessPoolOptions, ThreadPoolOptions } from "./options.ts";
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
