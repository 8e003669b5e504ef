/**
 * Processes that you start, watch and join one by one.
 *
 * An executor keeps its workers for many tasks. A `Thread` or a `Process` is one worker for one task, and ends with it:
 *
 * ```ts ignore
 * import { Process, Thread } from "@heddle/heddle";
 *
 * const watcher = new Thread(watchFolder, ["inbox"], { name: "watcher", daemon: true }).start();
 * const child = new Process(convert, ["inbox/a.png"], { stdout: "pipe", env: { LANG: "C" } }).start();
 * for await (const chunk of child.stdout!) log(chunk); // Uint8Array; unread chunks wait in memory of this program, never in the child
 * console.log(await child.result, await child.exited); // as from an executor; { exitCode: 0, signal: undefined }
 * await watcher.terminate();
 * ```
 *
 * - The program waits for its threads and processes, also for those that they start, but not for daemons: those end with it.
 *   `join({ timeout, signal })` waits until it has ended and never rejects with the error of its task; `await using` joins.
 * - `interrupt()` fires the task's `current().signal` and sends a SIGINT, `terminate()` sends a SIGTERM, `kill()` a SIGKILL;
 *   `terminate()` of a thread stops it in the middle of its work. The `result` then rejects with a `WorkerLostError`.
 * - `currentThread()`, `mainThread()`, `threads()` and `activeCount()`, `currentProcess()`, `parentProcess()` and
 *   `activeChildren()` list the threads and processes; `cpuCount()` is how many can run at once. A `WorkerLocal` holds one value per thread.
 *
 * `pipe()` in `./process` makes two ends that are connected. Either may be an argument, and each receives what is sent at the other:
 *
 * ```ts ignore
 * const [here, there] = pipe<string, number>(); // { duplex: false }: the first receives, the second sends
 * const child = new Process(measure, [there]).start();
 * await here.send("some text");
 * console.log(await here.recv({ timeout: 1_000 }), await here.poll());
 * here.close();
 * ```
 *
 * Values sent before an end is closed can still be received; after them `recv` rejects with an `InvalidStateError`, and `for await`
 * ends. An end that was passed on closes when the last worker that was given it is gone, however it ends.
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
