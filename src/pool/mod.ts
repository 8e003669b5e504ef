/**
 * Executors: pools of threads, pools of processes, and the calling loop.
 *
 * `ThreadPoolExecutor`, `ProcessPoolExecutor` and `InlineExecutor` (the calling loop, for tests and for tasks that mostly
 * wait) have one contract:
 *
 * ```ts ignore
 * pool.submit(task, ...args); // a Future: await it, or cancel(), abort(), result({ timeout }), addDoneCallback(), onProgress()
 * pool.map(task, items, { chunkSize: "auto", bufferSize: 100, ordered: false }); // await it for an array, or iterate it
 * pool.starmap(task, listsOfArguments);
 * pool.with({ signal, timeout: 1_000, grace: 100, priority: 5, retry: { maxAttempts: 3 } }).submit(task, ...args);
 * await pool.shutdown({ cancelFutures: true });
 * pool.stats(); // numbers of workers and tasks; times in the queue, in transfer and in tasks
 * ```
 *
 * | option                                    | default                       | meaning                                                                              |
 * | ----------------------------------------- | ----------------------------- | ------------------------------------------------------------------------------------ |
 * | `maxWorkers`, `minWorkers`, `idleTimeout` | runtime parallelism, 0, never | workers start on demand                                                              |
 * | `concurrency`                             | 1                             | tasks one worker may have in progress; `"auto"` learns whether tasks compute or wait |
 * | `queueLimit`, `overflow`                  | none, `"wait"`                | or `"reject"`, `"caller-runs"`                                                       |
 * | `initializer`, `initArgs`                 |                               | runs in each worker before its first task; a failure breaks the pool                 |
 * | `maxTasksPerWorker`, `maxMemoryBytes`     | none                          | a worker past either is replaced between tasks                                       |
 * | `onWorkerLost`                            | `"replace"`                   | `"break"` is Python's broken pool                                                    |
 * | `startTimeout`                            | 30,000 ms                     | for a worker to start, and for the module of a task to load                          |
 * | `grace`                                   | 1,000 ms                      | for an aborted task to end, before its worker is replaced                            |
 * | `resources`                               | none                          | what tasks may need besides a worker, shared by any number of pools                  |
 * | `env`, `cwd`, `execArgs`, `permissions`   |                               | processes only                                                                       |
 *
 * - **Every future settles.** A task that exits, is killed, runs out of memory or never loads ends in a typed error:
 *   `WorkerLostError` has the exit code, the signal and the end of the worker's standard error. Only the tasks that ran in a
 *   dead worker fail; tasks behind them run elsewhere. No task runs twice, unless `retryIf` returns true.
 * - **Aborts and timeouts reject at once**, as `fetch` does. A waiting task is dropped. A running task sees its signal and has
 *   `grace` to end; it keeps its place until then. After that its worker is replaced, and its result is dropped. A `TaskGroup`
 *   and a shutdown wait until none of their tasks runs.
 * - **Programs end.** A program whose work is done ends without `shutdown()`, one with work in flight does not end early, and
 *   no worker outlives it, not even after `kill -9`.
 * - **Output of tasks** reaches the program's own output in whole lines and never disturbs the protocol. On Node it passes
 *   through the program's `process.stdout` and `process.stderr`, from threads before the result of the task, so that captures
 *   see it. On Deno and Bun this holds for processes; there `console` bypasses these streams in threads, as it does in the
 *   program. The output of a process comes before the result of its task on every runtime. If the program's output is closed
 *   early (`| head -1`), further output is dropped, and tasks and pools end as usual.
 * - **Unknown options** are a `TypeError` that names the nearest known one. `console.log` shows futures, pools, locks
 *   and queues with their state: `Future { state: "fulfilled", value: 3 }`. Printing a failed future does not observe it.
 * - **Late errors.** An error that a task leaves behind after its result is dispatched as an `"error"` event of the pool,
 *   printed if there is no listener, and never attributed to another task.
 * - **Unobserved failures** never crash the program, and are never lost. A failed future, or `map`, that the program does not
 *   observe is dispatched as an `"unobserved"` event of the pool, `Thread` or `Process`. Without a listener it is printed: when
 *   it is collected, one turn after the shutdown of its pool or the join of its thread, or when the program ends. The exit code
 *   does not change.
 *
 * The events are `taskstart`, `taskend`, `workerstart`, `workerlost`, `error` and `unobserved`. Tasks and workers are also
 * published to `node:diagnostics_channel` as `heddle:task` and `heddle:worker`.
 *
 * - **Resources.** With `new Resources({ gpu: 1, memoryMb: 8_000 })` as an option, a task that is submitted through
 *   `pool.with({ resources: { gpu: 1 } })` starts when all it needs is free, and holds it until it has ended, however it ends.
 *   Tasks that need none of it overtake it; it does not starve. More than exists is a `RangeError` at the submit.
 *
 * Tasks of a higher priority run first. Waiting does not raise a priority: a task of low priority can starve while tasks of
 * higher priority keep coming. A priority that rises with each submit makes the queue last in, first out.
 *
 * ## Limits
 *
 * - A busy thread cannot be stopped on Deno: `terminate()` returns, and the thread goes on. There the future of an aborted
 *   task settles all the same, the thread counts as lost, and another one takes its place, up to `maxWorkers` times; then the
 *   pool breaks with a `BrokenExecutorError`. For tasks that must be stoppable on Deno, use processes.
 * - On Deno a thread pool needs `--allow-read` for the modules of its tasks and of the library.
 * - On Deno a process pool needs `--allow-run` and `--allow-env`, and `--allow-read` for the modules of its tasks. A
 *   program can ask Deno whether it has a permission but cannot list its permissions. `permissions: "inherit"` therefore passes
 *   on permissions that are granted as a whole, and grants to read and write folders that cover the tasks' modules, the main
 *   module or the working directory. Narrower grants for hosts, variables and programs are not passed on; give them as flags:
 *   `permissions: ["--allow-net=example.org"]`. Workers never get more than the program has.
 * - A worker that cannot be started (no permission, no descriptors, no such working directory) breaks a pool that has none; the
 *   `BrokenExecutorError` names the cause and all missing flags. A pool with workers goes on with them and tries again, after
 *   delays from 100 ms to 5 s. If the system allows no more threads, Deno itself ends the program.
 * - On Deno processes, and those that workers start, find the `deno.json` or `package.json` next to or above the main module.
 *   Another one, named by `--config`, is not passed on; give it as `execArgs: ["--config", "some/deno.json"]`.
 * - On Deno a `map` that is never awaited or iterated, and whose source throws, is reported at the shutdown of its pool or at
 *   the end of the program, not when it is collected: Deno keeps the `this` of all frames of an error.
 * - On Deno 2.9 a thread may fail to start while Deno's cache is empty, or while another program that uses the same cache ends
 *   threads. Fill the cache first (`deno cache`), and set `DENO_DIR` to a folder of its own for a program that ends many threads.
 * - On Node and Deno a thread that runs out of memory is lost alone, unless its heap far exceeds the limit between two
 *   checks of V8. In that case the program ends: about once in thirty times with large numbers of objects, never observed with
 *   `--max-semi-space-size=1`. Bun has no memory limit for a thread, so there the program ends. Run tasks that may need too
 *   much memory in processes.
 * - A process that is killed from outside while it runs tasks of some microseconds may lose up to 16 of them, as
 *   their results travel together.
 * - An error that a running task causes outside its own call, as in a timer, rejects its future. Bun does not report which task
 *   an unhandled rejection or an error of `queueMicrotask` belongs to; nor does Deno for a timer from a named import of
 *   `node:timers`. Such an error goes to the `error` event of the pool, and the task goes on.
 * - `bun test` ends a thread at an uncaught error, whatever handlers it has
 *   ([oven-sh/bun#36445](https://github.com/oven-sh/bun/pull/36445)). Its running tasks are lost, with that error as the cause;
 *   tasks it has not started go to another thread.
 * - A task that closes descriptor 3 or 4, for example because it closes all of them, ends its process on Deno, and on Bun if it
 *   has imported `close` or `closeSync` by name; elsewhere the call is refused.
 * - A thread takes about twice as long to start as a bare, empty one, mostly to load its modules. Bundled into one file they
 *   would still take a fifth longer, on Bun two thirds. From TypeScript sources Node strips types in each thread anew; with
 *   `NODE_COMPILE_CACHE=some/folder` in the environment it does so once, and threads start in half the time.
 * - On Deno a process takes about 30 us or about 150 us for each of many tiny tasks in sequence, depending on how the system
 *   wakes the two sides: up to two and a half times as long as with pools that use the channel of `fork`. That channel loses
 *   results of a process that exits, and breaks when a task writes to its descriptor. Heddle uses pipes of its own instead, and
 *   their bare round trip takes that long.
 * - On Deno 1 MiB goes to a thread and back in about the time that a bare `Worker` of the web needs: a tenth less on an
 *   otherwise idle machine, up to a fifth more on a busy one.
 *
 * @module
 */

export { InlineExecutor, type InlineExecutorConstructor } from "./inline_pool.ts";
export { ProcessPoolExecutor, type ProcessPoolExecutorConstructor } from "./process_pool.ts";
export { ThreadPoolExecutor, type ThreadPoolExecutorConstructor } from "./thread_pool.ts";
export type { PoolExecutor, WorkerPool } from "./pool_base.ts";
export { Resources } from "./resources.ts";
export type { WorkerInfo } from "./workers/worker_info.ts";
export { ExecutorEvent, type ExecutorEvents, ExecutorTarget } from "./events.ts";
export {
  type Drainable,
  type Endable,
  GracefulShutdown,
  gracefulShutdown,
  type GracefulShutdownOptions,
  type Stoppable,
} from "./graceful_shutdown.ts";
export type { ResourceLimits, StopSignal } from "../runtime/types.ts";
export type { InitializerOptions, OutputTaker, PoolOptions, ProcessPoolOptions, ThreadPoolOptions } from "./options.ts";
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
