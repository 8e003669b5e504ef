/**
 * Blocking calls of a pool of processes: a helper thread holds the channel, as the caller's loop stands still.
 *
 * @module
 */

import type { SubmitOptions } from "../../futures/executor.ts";
import { type Task, task } from "../../task/task.ts";
import type { ProcessPoolOptions } from "../options.ts";
import { ProcessPoolExecutor } from "../process_pool.ts";
import { ThreadPoolExecutor } from "../thread_pool.ts";

/** The pool that this thread holds for another one. */
let held: ProcessPoolExecutor | undefined;

/** Runs a task in a process of this thread. Behind the arguments come the task, the options of the pool, and those of the call. */
export const callInProcess: Task<unknown[], PromiseLike<unknown>> = task(
  import.meta,
  function callInProcess(...given: unknown[]): PromiseLike<unknown> {
    const [target, options, limits] = given.slice(-3) as [Task<unknown[], unknown>, ProcessPoolOptions, SubmitOptions];
    held ??= new ProcessPoolExecutor(options as object);
    return held.with(limits).submit(target, ...given.slice(0, -3));
  },
  "heddle.callInProcess",
);

/** The helper thread of a pool, and the process that it holds. */
export class ProcessCalls {
  readonly #threads: ThreadPoolExecutor;
  readonly #options: ProcessPoolOptions;

  /** @param given opens the pool; the helper's has one process, and no queue. */
  constructor(name: string, given: ProcessPoolOptions) {
    const { queueLimit: _, overflow: __, minWorkers: ___, output: ____, ...options } = given;
    this.#threads = new ThreadPoolExecutor({ name, maxWorkers: 1 });
    this.#options = { ...options, maxWorkers: 1 };
  }

  /** Runs a task and blocks meanwhile; the task and its arguments can travel. */
  call(target: Task<unknown[], unknown>, args: unknown[], { signal: _, retry: __, ...limits }: SubmitOptions): unknown {
    return this.#threads.callSync(callInProcess, ...args, target, this.#options, limits);
  }

  /** Ends both at once. */
  async terminate(): Promise<void> {
    await this.#threads.terminate();
  }

  /** Ends the thread, and with it the process. */
  async shutdown(): Promise<void> {
    await this.#threads.shutdown();
  }
}
