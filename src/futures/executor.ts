/**
 * The interface and the options that all executors share.
 *
 * @module
 */

import type { Summary } from "../core/histogram.ts";
import { checkDuration, checkFunction, checkInteger, checkIntegerOr, checkSignal } from "../core/check.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import type { Task } from "../task/task.ts";
import type { Future } from "./future.ts";
import type { Progress } from "./map_plan.ts";
import type { Broadcast } from "./broadcast.ts";
import type { Results } from "./results.ts";
import type { Source, Stream } from "./stream.ts";
import type { WaitOptions } from "../core/wait_options.ts";

/** How failed tasks are retried. */
export interface RetryOptions {
  /** Maximum number of attempts, the first included; 5 by default. */
  maxAttempts?: number | undefined;
  /** Milliseconds before the second attempt; each further delay is twice as long. 1,000 by default. */
  minDelay?: number | undefined;
  /** Maximum delay in milliseconds; 60,000 by default. */
  maxDelay?: number | undefined;
  /**
   * The random part of a delay, from 0 to 1. With 1, the default, a delay may be any duration up to its full length.
   */
  jitter?: number | undefined;
  /**
   * Decides whether to retry after the given attempt (from 1). By default every error is retried except a
   * `WorkerLostError`: the task may have done its work before its worker died.
   */
  retryIf?: ((error: unknown, attempt: number) => boolean) | undefined;
}

/** Options for everything submitted through a view of an executor. */
export interface SubmitOptions {
  /** Aborts the tasks. */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds that a task may run, counted from its start. At the limit its future rejects with a `TimeoutError`,
   * and the task is stopped as by `abort`. Loading the task's module does not count; it is limited by the worker's
   * start timeout.
   */
  timeout?: number | undefined;
  /**
   * Milliseconds between a task's abort signal and the replacement of its worker. The task keeps its place until then.
   */
  grace?: number | undefined;
  /** Tasks of higher priority start first; 0 by default. */
  priority?: number | undefined;
  /** The growth of a task's priority for each second of waiting; 0 by default. */
  aging?: number | undefined;
  /**
   * Retries failed tasks; `current().attempt` is the number of the attempt. The last error has the earlier ones in its
   * property `errors`. The timeout limits each attempt, and only the last attempt rejects the future. The next attempt
   * starts when the previous one has ended or its worker is gone. An abort and the shutdown of the executor end a delay
   * at once. The items of a `map` travel one by one.
   */
  retry?: RetryOptions | undefined;
  /** The number of values that the worker of a stream may be ahead of its consumer; 16 by default. */
  bufferSize?: number | undefined;
  /**
   * The amounts that a task needs of the pool's `resources`, by name. A task starts when all amounts are free, and
   * holds them until it has ended.
   */
  resources?: Record<string, number> | undefined;
}

/** The names of {@linkcode SubmitOptions}, for lists of allowed options. */
export const SUBMIT_NAMES = {
  signal: true,
  timeout: true,
  grace: true,
  priority: true,
  aging: true,
  retry: true,
  bufferSize: true,
  resources: true,
} as const;
/** The allowed options of `with`. */
export const SUBMIT_OPTIONS: OptionNames<SubmitOptions> = optionNames<SubmitOptions>(SUBMIT_NAMES);

/** Options of `map` and `starmap`. The `timeout` counts from the call. */
export interface MapOptions extends WaitOptions {
  /** Number of items sent together; `"auto"` measures and adapts. 1 by default. */
  chunkSize?: number | "auto" | undefined;
  /**
   * Maximum number of items taken from the source ahead of the consumer; 1024 by default, or a few chunks per worker.
   */
  bufferSize?: number | undefined;
  /** Whether results come in the order of the items (the default) or in order of completion. */
  ordered?: boolean | undefined;
  /** Called when a chunk is done. */
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** The allowed options of `map`. */
const MAP_OPTIONS: OptionNames<MapOptions> = optionNames<MapOptions>({
  chunkSize: true,
  bufferSize: true,
  ordered: true,
  onProgress: true,
  timeout: true,
  signal: true,
});

/** The options of a `map`, with defaults. */
export type CheckedMapOptions = MapOptions & Required<Pick<MapOptions, "chunkSize" | "ordered" | "timeout">>;

/**
 * Checks the options of a `map`, and adds the defaults.
 *
 * @throws {TypeError | RangeError} if an option is not valid.
 */
export function checkMapOptions(given: MapOptions): CheckedMapOptions {
  const { chunkSize = 1, bufferSize, ordered = true, timeout = Infinity, signal, onProgress } = checkOptions(
    "Cannot map as 'options'",
    given,
    MAP_OPTIONS,
  );
  checkIntegerOr("Cannot map as 'chunkSize'", "auto", chunkSize, 1);
  if (bufferSize !== undefined) checkInteger("Cannot map as 'bufferSize'", bufferSize, 1);
  if (onProgress !== undefined) checkFunction("Cannot map as 'onProgress'", onProgress);
  checkDuration("Cannot map as 'timeout'", timeout);
  checkSignal("Cannot map as 'signal'", signal);
  return { chunkSize, bufferSize, ordered, timeout, signal, onProgress };
}

/** Options of `shutdown`. */
export interface ShutdownOptions {
  /** Whether to wait for the tasks and the workers; true by default. */
  wait?: boolean | undefined;
  /**
   * Whether to cancel waiting tasks, links of chains and pipelines, and a `map` whose source has not answered. A
   * shutdown never waits for the source of a `map`. Without this option, a `map` whose source yields another item after
   * the shutdown fails with an `InvalidStateError`.
   */
  cancelFutures?: boolean | undefined;
}

/** The allowed options of `shutdown`. */
export const SHUTDOWN_OPTIONS: OptionNames<ShutdownOptions> = optionNames<ShutdownOptions>({
  wait: true,
  cancelFutures: true,
});

/** A snapshot of an executor; may be out of date when read. */
export interface ExecutorStats {
  /** Number of workers in each state. */
  workers: { idle: number; busy: number; starting: number };
  /** Tasks that wait. */
  waiting: number;
  /** Tasks that run. */
  running: number;
  /** Tasks that succeeded. */
  completed: number;
  /** Tasks that failed, lost and rejected tasks included. */
  failed: number;
  /** Tasks that were dropped before they started. */
  cancelled: number;
  /** Tasks whose worker died. */
  lost: number;
  /** Workers that were started to replace others. */
  restarts: number;
  /** Failed futures that have not been observed, reported or not. Aborted futures do not count. */
  unobserved: number;
  /** Time between submission and dispatch. */
  queueTime: Summary;
  /** Time of the transfers to the worker and back. */
  transferTime: Summary;
  /** Time the task ran. */
  runTime: Summary;
}

/**
 * Runs tasks: in the calling loop, on threads or in processes.
 *
 * **Order.** Tasks start in order of priority, then of submission. **Cancellation.** Through the futures, or through a
 * signal given to `with`. Mistakes that are visible at the call throw synchronously; all other errors reject the
 * future. Every future settles.
 */
export interface Executor extends AsyncDisposable {
  /** Maximum number of workers. */
  readonly maxWorkers: number;

  /**
   * Runs a task.
   *
   * @throws {TypeError} if `task` is not a task.
   * @throws {InvalidStateError} after `shutdown`.
   * @throws {BrokenExecutorError} if the executor is broken.
   */
  submit<A extends unknown[], R>(task: Task<A, R>, ...args: NoInfer<A>): Future<Awaited<R>>;

  /**
   * Runs a task for every item, lazily: at most `bufferSize` items are taken from the source ahead of the consumer. The
   * first error is thrown in the place of its result. Leaving the loop cancels the remaining items.
   */
  map<I, R>(task: Task<[I], R>, items: Iterable<I> | AsyncIterable<I>, options?: MapOptions): Results<Awaited<R>>;

  /** Like `map`, but each item is a list of arguments. */
  starmap<A extends unknown[], R>(
    task: Task<A, R>,
    items: Iterable<A> | AsyncIterable<A>,
    options?: MapOptions,
  ): Results<Awaited<R>>;

  /**
   * Runs a task that returns a generator or an async generator, and yields its values as they arrive.
   *
   * @throws {TypeError} if it is not a task.
   * @throws {InvalidStateError} after `shutdown`.
   * @throws {BrokenExecutorError} if the executor is broken.
   */
  stream<A extends unknown[], T>(
    task: Task<A, Source<T> | PromiseLike<Source<T>>>,
    ...args: NoInfer<A>
  ): Stream<T>;

  /**
   * Runs a task once in every worker, including workers that start before all others have finished. A broadcast starts
   * no worker. The retries and the priority of a view do not apply.
   *
   * @throws {TypeError} if it is not a task, or the view has `resources`.
   * @throws {InvalidStateError} after `shutdown`.
   * @throws {BrokenExecutorError} if the executor is broken.
   */
  broadcast<A extends unknown[], R>(task: Task<A, R>, ...args: NoInfer<A>): Broadcast<Awaited<R>>;

  /**
   * Runs a task and blocks the calling thread until the task has ended. The call runs before all waiting tasks. The
   * `timeout` of a view applies; its `signal` is only checked before the call. Carried values travel. Events and progress
   * are delivered when the thread's event loop runs again. Resources are taken at the call and given back when it returns
   * or throws, even if a task past its timeout still runs.
   *
   * @returns the result of the task.
   * @throws any error of the task, or a {@linkcode TimeoutError} or {@linkcode WorkerLostError}.
   * @throws {InvalidStateError} if this thread would have to serve an argument, or after `shutdown`.
   * @throws {DeadlockError} if the call would wait for itself, or for resources that this thread would have to give back.
   */
  callSync<A extends unknown[], R>(task: Task<A, R>, ...args: NoInfer<A>): Awaited<R>;

  /** Returns a view of this executor that applies options to everything submitted through it. */
  with(options: SubmitOptions): Executor;

  /**
   * Resolves when the executor can run tasks: when `minWorkers` of a pool have run their initializer, or the server of
   * a cluster can be reached. Starts no more workers.
   *
   * **Order.** All callers continue together. **Cancellation.** A wait that ends early leaves nothing behind.
   *
   * @throws {TimeoutError} if the executor is not ready in time.
   * @throws the signal's reason if the signal is aborted.
   * @throws {InvalidStateError} after `shutdown`.
   * @throws {BrokenExecutorError} if the executor breaks, or no server can be reached.
   */
  ready(options?: WaitOptions): Promise<void>;

  /**
   * Resolves when the executor has room for another task.
   *
   * **Order.** First come, first served: each place is granted to one caller, for one turn of the event loop.
   * **Cancellation.** A wait that ends early leaves nothing behind; its place goes to the next caller.
   *
   * @throws {TimeoutError} if there is no room in time.
   * @throws the signal's reason if the signal is aborted.
   * @throws {InvalidStateError} after `shutdown`.
   * @throws {BrokenExecutorError} if the executor breaks.
   */
  room(options?: WaitOptions): Promise<void>;

  /**
   * Holds back waiting tasks. Submitted tasks are accepted, and running tasks continue. On a cluster, tasks that this
   * executor has not sent to the server are held back. A shutdown resumes.
   *
   * @throws {InvalidStateError} after `shutdown`.
   * @throws {BrokenExecutorError} if the executor is broken.
   */
  pause(): void;

  /** Starts the tasks that were held back, in order. */
  resume(): void;

  /**
   * Rejects all futures with a `CancelledError`, and ends the workers without `grace`; resolves when they are gone. On
   * a cluster, the hosts abort the tasks that they run for this executor.
   */
  terminate(): Promise<void>;

  /**
   * Accepts no more tasks, lets accepted ones finish, and ends the workers. Links of `thenSubmit` and pipeline items in
   * flight count as accepted. Further calls wait for the same end.
   */
  shutdown(options?: ShutdownOptions): Promise<void>;

  /** Returns counters and times. */
  stats(): ExecutorStats;
}
