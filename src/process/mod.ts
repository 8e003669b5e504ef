/**
 * Processes that run one task each, and that the program starts and joins itself; and pipes between workers.
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
 * `pipe()` creates two connected ends. Either end can be an argument, and each end receives what is sent at the other:
 *
 * ```ts ignore
 * const [here, there] = pipe<string, number>(); // { duplex: false }: the first receives, the second sends
 * const child = new Process(measure, [there]).start();
 * await here.send("some text");
 * console.log(await here.recv({ timeout: 1_000 }), await here.poll());
 * here.close();
 * ```
 *
 * Values sent before an end is closed can still be received. After them, `recv` rejects with an `InvalidStateError`,
 * and `for await` ends. An end that was passed on closes when the last worker that received it has ended, in whatever
 * way.
 *
 * ## Actors
 *
 * An actor is an object that lives in a worker of its own and keeps its state:
 *
 * ```ts ignore
 * // index.ts
 * export class Index {
 *   constructor(path: string) {...}
 *   search(text: string): string[] {...}
 *   async *all(): AsyncGenerator<string> {...}
 * }
 * export const index: ActorClass<typeof Index> = actor(import.meta, Index, "index");
 *
 * // main.ts
 * await using actor = new ThreadActor(index, ["a.db"]).start(); // or new ProcessActor(...)
 * const found = await actor.call.search("x"); // string[]; a wrong argument is a type error
 * for await (const line of actor.stream.all()) console.log(line);
 * ```
 *
 * - **Calls** are futures and streams, as those of pools are. They run one at a time in the order in which they were made,
 *   unless `concurrency` is higher; beyond `queueLimit` they reject with a `RejectedError`. Calls made before `start()` wait.
 * - **Limits.** `actor.with({ signal, timeout }).call.search("x")`. An abort or a timeout rejects the call at once and never
 *   ends the worker: calls behind it wait until the method has returned.
 * - **Arguments.** A task, a thread, a process or another actor receives an actor as an `ActorHandle<typeof Index>`. Its
 *   calls go through the owner, and take their turn when they arrive there. An `AsyncIterable` can be an argument of the
 *   owner's calls only.
 * - **End.** `stop()` and `await using` let accepted calls end, then the `[Symbol.asyncDispose]` or `[Symbol.dispose]` of the
 *   object has `grace` to run. An actor without calls keeps no program alive, and is stopped at the program's end; a daemon
 *   dies with it. `terminate()` ends the worker at once. Calls after the end reject with an `InvalidStateError`.
 * - **Failures** are an error of the constructor, an uncaught error outside of a call, and the loss of the worker. Without
 *   `restart` a failure rejects `result` and all calls. With it, the calls in progress reject with a `WorkerLostError`, and
 *   the others wait for a new object that is made from the same arguments.
 *
 * @module
 */

export { Connection } from "./connection.ts";
export { pipe, type PipeOptions } from "./pipe.ts";
export type { WaitOptions } from "../core/wait_options.ts";
export { Process, type ProcessExit, type ProcessOptions } from "./process.ts";
export type { OutputOptions } from "./piped_output.ts";
export { ProcessActor, type ProcessActorOptions } from "./process_actor.ts";
export type { ActorHandle, CallOptions, Calls, MethodName, Streams, Yields } from "../futures/actor_handle.ts";
export type { ActorOptions } from "../pool/actors/actor_owner.ts";
export { activeChildren, cpuCount, currentProcess, parentProcess, type ProcessInfo } from "./current_process.ts";
export { ExecutorEvent, type ExecutorEvents, ExecutorTarget } from "../pool/events.ts";
export type { RestartOptions } from "../pool/workers/restarts.ts";
export type { SingleWorkerOptions, StartArguments } from "../pool/workers/single_worker_options.ts";
export type { ProcessPoolOptions } from "../pool/options.ts";
export {
  BrokenExecutorError,
  CancelledError,
  InvalidStateError,
  RejectedError,
  RemoteError,
  TimeoutError,
  WorkerLostError,
} from "../core/errors.ts";
