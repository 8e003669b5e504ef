/**
 * Processes of one's own: started, watched and joined one by one.
 *
 * @module
 */

export { Connection } from "./connection.ts";
export { pipe, type PipeOptions } from "./pipe.ts";
export type { WaitOptions } from "../core/wait_options.ts";
export { Process, type ProcessExit, type ProcessOptions } from "./process.ts";
export { activeChildren, cpuCount, currentProcess, parentProcess, type ProcessInfo } from "./current_process.ts";
export { ExecutorEvent, type ExecutorEvents, ExecutorTarget } from "../pool/events.ts";
export type { SoloOptions, StartArguments } from "../pool/solo.ts";
export type { ProcessPoolOptions } from "../pool/options.ts";
export { CancelledError, InvalidStateError, RemoteError, TimeoutError, WorkerLostError } from "../core/errors.ts";
