/**
 * Blocking calls of a process pool. A helper thread owns the process, as the caller's event loop is blocked.
 *
 * @module
 */

import type { SubmitOptions } from "../../futures/executor.ts";
import type { Task } from "../../task/task.ts";
import type { ProcessPoolOptions } from "../options.ts";
import { ThreadPoolExecutor } from "../thread_pool.ts";

/** The helper thread of a pool, with its process. */
export class ProcessCalls {
  readonly #threads: ThreadPoolExecutor;
  readonly #options: ProcessPoolOptions;
  readonly #run: Task<unknown[], PromiseLike<unknown>>;

  /**
   * @param given the options of the pool; the helper's pool has one process and no queue limit.
   * @param run runs a task in the process of the helper thread. Its last three arguments are the task, the options of the
   * pool and the options of the call.
   */
  constructor(name: string, given: ProcessPoolOptions, run: Task<unknown[], PromiseLike<unknown>>) {
    const { queueLimit: _, overflow: __, minWorkers: ___, output: ____, resources: _____, ...options } = given;
    this.#threads = new ThreadPoolExecutor({ name, maxWorkers: 1 });
    this.#options = { ...options, maxWorkers: 1 };
    this.#run = run;
  }

  /** Runs a task and blocks until it has finished. The task and its arguments must be able to travel. */
  call(target: Task<unknown[], unknown>, args: unknown[], { signal: _, retry: __, ...limits }: SubmitOptions): unknown {
    return this.#threads.callSync(this.#run, ...args, target, this.#options, limits);
  }

  /** Terminates the thread and the process at once. */
  async terminate(): Promise<void> {
    await this.#threads.terminate();
  }

  /** Shuts down the thread, and with it the process. */
  async shutdown(): Promise<void> {
    await this.#threads.shutdown();
  }
}
