/**
 * The same executor and the same semaphore on many machines.
 *
 * @module
 */

export { ClusterExecutor, type ClusterStats, type ClusterView } from "./cluster_executor.ts";
export { ClusterHost, type ClusterHostOptions, type ClusterHostStats } from "./cluster_host.ts";
export type { ClusterFuture } from "./cluster_task.ts";
export type { DeadTask } from "./dead.ts";
export type {
  Engine,
  EngineBackend,
  EngineClient,
  EngineEvents,
  EngineJob,
  EngineObject,
  EngineQueue,
  EngineWorker,
} from "./engine.ts";
export type { HostInfo } from "./host_list.ts";
export type { ClusterExecutorOptions, ClusterOptions, ClusterSubmitOptions } from "./options.ts";
export {
  BrokenExecutorError,
  CancelledError,
  InvalidStateError,
  RejectedError,
  RemoteError,
  TimeoutError,
  WorkerLostError,
} from "../core/errors.ts";
