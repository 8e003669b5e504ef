/**
 * Threads that run one task each, and that the program starts and joins itself.
 *
 * An executor keeps its workers for many tasks. A `Thread` or a `Process` is one worker for one task, and ends with it:
 *
 * ```ts ignore
 * import { Process, Thread } from "@heddle/heddle";
 *
 * const watcher = new Thread(watchFolder, ["inbox"], { name: "watcher", daemon: true }).start();
 * const child = new Process(convert, ["inbox/a.png"], { stdout: "pipe", env: { LANG: "C" } }).start();
 * for await (const chunk of child.stdout!) log(chunk); // Uint8Array; unread chunks are buffered in this program
 * console.log(await child.result, await child.exited); // the task's result; { exitCode: 0, signal: undefined }
 * await watcher.terminate();
 * ```
 *
 * - **Daemons.** The program waits for its threads and processes, and for those that they start. It does not wait for
 *   daemons, which end with the program.
 * - **Joining.** `join({ timeout, signal })` waits until the worker has ended. It does not reject with the error of the
 *   task; `result` does. `await using` joins.
 * - **Ending.** `interrupt()` aborts the task's `current().signal` and sends SIGINT, `terminate()` sends SIGTERM,
 *   `kill()` sends SIGKILL. `terminate()` of a thread stops it in the middle of its task. `result` then rejects with a
 *   `WorkerLostError`.
 * - **Restarts.** With `restart: { maxRestarts, within, minDelay, maxDelay }` a worker whose task has thrown, or that was
 *   lost, is started again with the same arguments, after a delay that doubles. `result` settles with the last run. Past
 *   the limit it rejects with a `BrokenExecutorError` whose `cause` is the last error. Nothing is restarted after
 *   `interrupt()`, `terminate()`, `kill()` or `result.abort()`.
 * - **Listing.** `currentThread()`, `mainThread()`, `threads()`, `activeCount()`, `currentProcess()`, `parentProcess()`
 *   and `activeChildren()` return the threads and processes. `cpuCount()` returns how many can run at once. A
 *   `WorkerLocal` holds one value per thread.
 *
 * @module
 */

export { Thread, type ThreadOptions } from "./thread.ts";
export { activeCount, currentThread, mainThread, threads } from "./current_thread.ts";
export { WorkerLocal } from "./worker_local.ts";
export { ExecutorEvent, type ExecutorEvents, ExecutorTarget } from "../pool/events.ts";
export type { RestartOptions } from "../pool/workers/restarts.ts";
export type { SingleWorkerOptions, StartArguments } from "../pool/workers/single_worker_options.ts";
export { CancelledError, InvalidStateError, RemoteError, TimeoutError, WorkerLostError } from "../core/errors.ts";
