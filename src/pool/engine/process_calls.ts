/**
 * Blocking calls of a process pool. A helper thread owns the process, as the caller's event loop is blocked.
 *
 * @module
 */

import type { SubmitOptions } from "../../futures/executor.ts";
import { current } from "../../task/current.ts";
import { requireDefinition, type Task, task } from "../../task/task.ts";
import type { Call } from "../../worker/call.ts";
import type { ProcessPoolOptions } from "../options.ts";
import { engineOf } from "../pool_base.ts";
import { ProcessPoolExecutor } from "../process_pool.ts";
import { ThreadPoolExecutor } from "../thread_pool.ts";

/** The pool that this helper thread owns. */
let held: ProcessPoolExecutor | undefined;

/**
 * Runs a task in the process of this helper thread. The last three arguments are the task, the options of the pool and
 * the options of the call.
 */
export const callInProcess: Task<unknown[], PromiseLike<unknown>> = task(
  import.meta,
  function callInProcess(...given: unknown[]): PromiseLike<unknown> {
    const [target, options, limits] = given.slice(-3) as [Task<unknown[], unknown>, ProcessPoolOptions, SubmitOptions];
    held ??= new ProcessPoolExecutor(options as object);
    return engineOf(held)!.submit({
      definition: requireDefinition(target),
      args: given.slice(0, -3),
      options: Object.assign(Object.create(null), limits),
      items: undefined,
      caller: undefined,
      // This thread has no stores: the values are for those of the process.
      carried: (current() as Call).carried,
    }).future;
  },
  "heddle.callInProcess",
);

/** The helper thread of a pool, with its process. */
export class ProcessCalls {
  readonly #threads: ThreadPoolExecutor;
  readonly #options: ProcessPoolOptions;

  /** @param given the options of the pool; the helper's pool has one process and no queue limit. */
  constructor(name: string, given: ProcessPoolOptions) {
    const { queueLimit: _, overflow: __, minWorkers: ___, output: ____, resources: _____, ...options } = given;
    this.#threads = new ThreadPoolExecutor({ name, maxWorkers: 1 });
    this.#options = { ...options, maxWorkers: 1 };
  }

  /** Runs a task and blocks until it has finished. The task and its arguments must be able to travel. */
  call(target: Task<unknown[], unknown>, args: unknown[], { signal: _, retry: __, ...limits }: SubmitOptions): unknown {
    return this.#threads.callSync(callInProcess, ...args, target, this.#options, limits);
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
