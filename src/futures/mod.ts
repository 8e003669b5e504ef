/**
 * Futures, and the interface that all executors share.
 *
 * ```ts ignore
 * await wait(futures, { returnWhen: "first-completed", timeout: 1_000 }); // { done, notDone }, at the timeout too
 * for await (const future of asCompleted(futures)) console.log(await future);
 *
 * threads.submit(parse, text).thenSubmit(processes, sum); // a chain across two executors
 *
 * await using group = new TaskGroup(pool); // leaving the block waits for all tasks; the first failure aborts the others
 * group.submit(task, ...args);
 *
 * const steps = pipeline(processes).step(read).catch(() => "").step(count, { executor: threads, concurrency: 4 });
 * await steps.run(path); // a future
 * for await (const words of steps.map(paths)) console.log(words); // every step is bounded, for any number of paths
 *
 * gracefulShutdown(pool, { deadline: 5_000 }); // on Ctrl-C tasks see their signal, and the program ends after them
 * ```
 *
 * - **Retry** runs failed tasks again, after delays that double and have a random part. `current().attempt` is the
 *   number of the attempt; the last error has the earlier ones in `errors`. An attempt starts when the previous one has
 *   ended or its worker is gone, never beside it. An abort or the shutdown ends a delay at once. The task of a lost
 *   worker is retried only if `retryIf` returns true for its error.
 * - **Chains and pipelines** are work in flight: a shutdown waits for the links and items that exist when it begins.
 * - **Groups** can be nested. A group ends with the first failure, with the first success (`mode: "first-success"`) or
 *   when all tasks have ended (`"all"`). `group.errors` has every failure.
 * - **Streams.** `pool.stream(task, ...args)` runs a generator or an async generator in a worker, and returns its
 *   values in order. It starts at the call and has one consumer. The worker is at most `bufferSize` values (16) ahead.
 *   The stream holds a place of its worker until its generator has ended, and a `timeout` counts until then. `retry`
 *   applies until the first value has arrived. Values that have arrived are delivered before an error, also that of a
 *   lost worker, but not after an abort. A shutdown waits for streams that have a consumer and ends the others.
 *   `ReadableStream.from(stream)` makes a web stream of it. A stream never runs in its caller: with `overflow:
 *   "caller-runs"` it waits. On Bun, an unhandled rejection in an async generator that has yielded belongs to no task:
 *   it is an `error` event of the pool.
 * - **Async iterables as arguments** (a `ReadableStream`, an async generator, another stream) stay with the caller. The
 *   task pulls their values, at most `bufferSize` ahead, and can iterate them once; `return()` of the source is called
 *   when the task ends. A task is not retried once it has taken a value.
 * - **Broadcast.** `pool.broadcast(task, ...args)` runs a task once in each worker, behind the tasks that the worker
 *   has begun and before those that it gets later. `queueLimit` and priority do not apply. No worker is started for it:
 *   without workers the result is `[]`. A failure, or the death of a worker, rejects with an `AggregateError` with
 *   `errors` and `results`. An `InlineExecutor` is one worker. After `broadcast(reload, config).sticky()`, each worker
 *   that starts later runs the task behind its initializer, until `revoke()`.
 * - **Blocking calls.** `pool.callSync(task, ...args)` blocks the calling thread, and returns the result of the task or
 *   throws its error. The call runs before all waiting tasks, and does not count towards `queueLimit`. The `timeout` of
 *   a view applies; its signal is only checked before the call. Arguments that this thread would have to serve (plain
 *   queues, managers, pipes; locks in processes) are rejected with an `InvalidStateError`, and results cannot contain a
 *   `SharedArrayBuffer`. For such calls a process pool has a helper thread and one additional process. A worker thread
 *   that ends itself counts as lost; a worker thread that runs out of memory is detected only by the `timeout`. In an
 *   `InlineExecutor` a task that returns a promise is an `InvalidStateError`.
 * - **Nested waits.** While a task of an `InlineExecutor` waits for other tasks of it, its place is free for them, so
 *   that the wait cannot block them. If tasks wait for each other in a cycle, the last of these waits throws a
 *   `DeadlockError`.
 * - **The async context** (`AsyncLocalStorage`) of the caller is kept in callbacks, in chained steps and in inline
 *   tasks.
 *
 * @module
 */

export { asCompleted, type CompletedFutures, type CompletedIterable } from "./as_completed.ts";
export { Future } from "./future.ts";
export type { Executor, ExecutorStats, MapOptions, RetryOptions, ShutdownOptions, SubmitOptions } from "./executor.ts";
export type { Progress } from "./map_plan.ts";
export type { FutureSource } from "./source.ts";
export type { Results } from "./results.ts";
export type { Broadcast } from "./broadcast.ts";
export type { Source, Stream } from "./stream.ts";
export {
  Pipeline,
  pipeline,
  type PipelineExecutor,
  type PipelineMapOptions,
  type PipelineStart,
  type Produced,
  type StepOptions,
} from "./pipeline.ts";
export { TaskGroup, type TaskGroupOptions } from "./task_group.ts";
export { wait, type WaitForOptions, type WaitResult } from "./wait.ts";
export type { WaitOptions } from "../core/wait_options.ts";
export type { Summary } from "../core/histogram.ts";
export { CancelledError, DeadlockError, InvalidStateError, TimeoutError } from "../core/errors.ts";
