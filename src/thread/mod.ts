/**
 * Threads of one's own: started, watched and joined one by one.
 *
 * @module
 */

export { Thread, type ThreadOptions } from "./thread.ts";
export { activeCount, currentThread, mainThread, threads } from "./current_thread.ts";
export { WorkerLocal } from "./worker_local.ts";
export { ExecutorEvent, type ExecutorEvents, ExecutorTarget } from "../pool/events.ts";
export type { SoloOptions, StartArguments } from "../pool/solo.ts";
export { CancelledError, InvalidStateError, RemoteError, TimeoutError, WorkerLostError } from "../core/errors.ts";
