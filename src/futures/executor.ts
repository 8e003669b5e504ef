/**
 * What all executors have in common.
 *
 * @module
 */

import type { Summary } from "../core/histogram.ts";
import { checkDuration, checkFunction, checkInteger, checkIntegerOr, checkSignal } from "../core/check.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import type { Task } from "../task/task.ts";
import type { Future } from "./future.ts";
import type { Results } from "./results.ts";
import type { WaitOptions } from "../core/wait_options.ts";

/** How tasks that fail are tried again. */
export interface RetryOptions {
  /** How often a task is tried in all; 5 if left out. */
  maxAttempts?: number | undefined;
  /** Milliseconds before the second attempt; each further pause is twice as long. 1,000 if left out. */
  minDelay?: number | undefined;
  /** The longest pause; 60,000 if left out. */
  maxDelay?: number | undefined;
  /** How much of a pause is left to chance, from 0 to 1; 1 if left out, so that a pause may be of any length up to its own. */
  jitter?: number | undefined;
  /**
   * Says whether to try again after the attempt with this number, from 1. Without it every error is tried again except a
   * `WorkerLostError`: the worker may have done what it should before it died.
   */
  retryIf?: ((error: unknown, attempt: number) => boolean) | undefined;
}

/** Options for everything submitted through a view of an executor. */
export interface SubmitOptions {
  /** Aborts the tasks. */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds a task may run, counted from its start; then its future rejects with a `TimeoutError`, and the task is
   * stopped as by `abort`. The loading of its module comes before the start, and may take as long as the start of a worker.
   */
  timeout?: number | undefined;
  /** Milliseconds between a task's signal and the replacement of its worker, which keeps its place until then. */
  grace?: number | undefined;
  /** Higher runs sooner; 0 if left out. */
  priority?: number | undefined;
  /**
   * Tries tasks that fail again; `current().attempt` tells a task which attempt it is. The last error carries the earlier
   * ones in its own property `errors`. A time limit counts for each attempt, and only the last attempt rejects the future. The
   * next attempt starts when the former has ended or its worker is gone. An abort and the shutdown of the executor end the
   * pauses at once. The items of a `map` travel one by one.
   */
  retry?: RetryOptions | undefined;
}

/** The names of what is given to all executors, for lists of names. */
export const SUBMIT_NAMES = { signal: true, timeout: true, grace: true, priority: true, retry: true } as const;
/** What `with` takes. */
export const SUBMIT_OPTIONS: OptionNames<SubmitOptions> = optionNames<SubmitOptions>(SUBMIT_NAMES);

/** How far a `map` is. */
export interface Progress {
  /** How many items are done. */
  completed: number;
  /** How many there are, where that is known. */
  total: number | undefined;
}

/** Options of `map` and `starmap`. The `timeout` counts from the call. */
export interface MapOptions extends WaitOptions {
  /** How many items travel together; `"auto"` measures and adapts. 1 if left out. */
  chunkSize?: number | "auto" | undefined;
  /** How many items are taken from the source ahead of the consumer; 1024 if left out, or a few chunks per worker. */
  bufferSize?: number | undefined;
  /** Whether results come in the order of the items (they do if left out) or as they are done. */
  ordered?: boolean | undefined;
  /** Called when a chunk is done. */
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** What `map` takes. */
const MAP_OPTIONS: OptionNames<MapOptions> = optionNames<MapOptions>({
  chunkSize: true,
  bufferSize: true,
  ordered: true,
  onProgress: true,
  timeout: true,
  signal: true,
});

/** The options of a `map`, the values of those left out included. */
export type CheckedMapOptions = MapOptions & Required<Pick<MapOptions, "chunkSize" | "ordered" | "timeout">>;

/**
 * Checks the options of a `map`, and adds the values of those left out.
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

/** How to shut down. */
export interface ShutdownOptions {
  /** Whether to wait for the tasks and the workers; true if left out. */
  wait?: boolean | undefined;
  /**
   * Whether to cancel the tasks that wait, the links of chains and pipelines, and a `map` whose source has not answered. Without it
   * no shutdown waits for the source of a `map`, which fails with an `InvalidStateError` if it then has another item.
   */
  cancelFutures?: boolean | undefined;
}

/** What `shutdown` takes. */
export const SHUTDOWN_OPTIONS: OptionNames<ShutdownOptions> = optionNames<ShutdownOptions>({
  wait: true,
  cancelFutures: true,
});

/** A snapshot of an executor; stale when read. */
export interface ExecutorStats {
  /** Workers by what they do. */
  workers: { idle: number; busy: number; starting: number };
  /** Tasks that wait. */
  waiting: number;
  /** Tasks that run. */
  running: number;
  /** Tasks that returned. */
  completed: number;
  /** Tasks that ended in an error, the lost ones and the refused ones included. */
  failed: number;
  /** Tasks that were dropped before they started. */
  cancelled: number;
  /** Tasks whose worker died. */
  lost: number;
  /** Workers that were started in the place of others. */
  restarts: number;
  /** Failed futures that have not been observed, reported or not; aborted ones have not failed. */
  unobserved: number;
  /** Time between submission and dispatch. */
  queueTime: Summary;
  /** Time on the way to the worker and back. */
  transferTime: Summary;
  /** Time in the task. */
  runTime: Summary;
}

/**
 * Runs tasks: in place, on threads or in processes.
 *
 * **Order.** Tasks start in the order of their priority, then of submission. **Cancellation.** Through the futures, or
 * through a signal given to `with`. What a caller got wrong and can see at once throws; everything else arrives in the
 * future, and every future settles.
 */
export interface Executor extends AsyncDisposable {
  /** How many workers there may be. */
  readonly maxWorkers: number;

  /**
   * Runs a task.
   *
   * @throws {TypeError} if it is not a task.
   * @throws {InvalidStateError} after `shutdown`.
   * @throws {BrokenExecutorError} if the executor is broken.
   */
  submit<A extends unknown[], R>(task: Task<A, R>, ...args: NoInfer<A>): Future<Awaited<R>>;

  /**
   * Runs a task for every item, lazily: at most `bufferSize` items are taken from the source ahead of the consumer. The
   * first error is thrown where its result would have come, and leaving the loop cancels the rest.
   */
  map<I, R>(task: Task<[I], R>, items: Iterable<I> | AsyncIterable<I>, options?: MapOptions): Results<Awaited<R>>;

  /** As `map`, with items that are lists of arguments. */
  starmap<A extends unknown[], R>(
    task: Task<A, R>,
    items: Iterable<A> | AsyncIterable<A>,
    options?: MapOptions,
  ): Results<Awaited<R>>;

  /** Returns a view of this executor that applies options to everything submitted through it. */
  with(options: SubmitOptions): Executor;

  /**
   * Takes no more tasks, lets those it has finish, and ends the workers. Links of `thenSubmit` and items of pipelines that
   * are on their way belong to those. Calling it again waits for the same end.
   */
  shutdown(options?: ShutdownOptions): Promise<void>;

  /** Returns counters and times. */
  stats(): ExecutorStats;
}
