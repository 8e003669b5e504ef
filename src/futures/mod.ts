/**
 * Futures, and what executors have in common.
 *
 * ```ts ignore
 * await wait(futures, { returnWhen: "first-completed", timeout: 1_000 }); // { done, notDone }; its timeout returns
 * for await (const future of asCompleted(futures)) console.log(await future);
 *
 * threads.submit(parse, text).thenSubmit(processes, sum); // a chain, from one executor to another
 *
 * await using group = new TaskGroup(pool); // leaving the block waits for all; the first failure aborts the others
 * group.submit(task, ...args);
 *
 * const steps = pipeline(processes).step(read).catch(() => "").step(count, { executor: threads, concurrency: 4 });
 * await steps.run(path); // a future
 * for await (const words of steps.map(paths)) console.log(words); // limited at every step, for any number of paths
 *
 * gracefulShutdown(pool, { deadline: 5_000 }); // Ctrl-C: tasks see their signal, and the program ends after them
 * ```
 *
 * - **Retry** runs failed tasks again, after pauses that double and have a random part. `current().attempt` tells a task
 *   which attempt it is; the last error has the earlier ones in `errors`. An attempt starts when the one before has ended or its
 *   worker is gone, never beside it. An abort or the shutdown ends a pause at once. The task of a lost worker is repeated only if
 *   `retryIf` returns true for its error.
 * - **Chains and pipelines** are work in flight: a shutdown waits for the links and items that exist when it begins.
 * - **Groups** nest, and end with the first failure, with the first success (`mode: "first-success"`) or when all have ended
 *   (`"all"`). Every failure is in `group.errors`.
 * - **A task that waits** for others of its own `InlineExecutor` lends them its place, so that it never waits for itself.
 *   Where tasks wait for each other in a cycle, the last of them gets a `DeadlockError`.
 * - **The async context** (`AsyncLocalStorage`) of the caller is kept in callbacks, in chained steps and in inline tasks.
 *
 * @module
 */

export { asCompleted, type CompletedFutures, type CompletedIterable } from "./as_completed.ts";
export { Future, type FutureSource } from "./future.ts";
export type {
  Executor,
  ExecutorStats,
  MapOptions,
  Progress,
  RetryOptions,
  ShutdownOptions,
  SubmitOptions,
} from "./executor.ts";
export type { Results } from "./results.ts";
export {
  Pipeline,
  pipeline,
  type PipelineExecutor,
  type PipelineMapOptions,
  type PipelineStart,
  type StepOptions,
} from "./pipeline.ts";
export { TaskGroup, type TaskGroupOptions } from "./task_group.ts";
export { wait, type WaitForOptions, type WaitResult } from "./wait.ts";
export type { WaitOptions } from "../core/wait_options.ts";
export type { Summary } from "../core/histogram.ts";
export { CancelledError, DeadlockError, InvalidStateError, TimeoutError } from "../core/errors.ts";
