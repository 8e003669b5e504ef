/**
 * The thread pool.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import { runtime } from "../runtime/mod.ts";
import { threadChannel } from "../wire/thread_link.ts";
import {
  checkPoolOptions,
  checkResourceLimits,
  type InitializerOptions,
  THREAD_POOL_NAMES,
  type ThreadPoolOptions,
} from "./options.ts";
import { takerOf } from "./workers/output_taker.ts";
import { picturePool, PoolBase, type WorkerPool } from "./pool_base.ts";
import { startThreadWorker } from "./workers/thread_worker.ts";

/**
 * Runs tasks on threads of this process, which start fast and can share memory.
 *
 * On Deno a busy thread cannot be stopped. The future of an aborted task settles all the same. Its thread counts as
 * lost and is replaced, up to `maxWorkers` times. For tasks that must be stoppable use a `ProcessPoolExecutor`.
 *
 * @example Compute on two threads
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline, ThreadPoolExecutor } from "@heddle/heddle";
 *
 * const pool = new ThreadPoolExecutor({ maxWorkers: 2 });
 * const power = inline((base: number, exponent: number) => base ** exponent);
 * assertEquals(await pool.submit(power, 2, 10), 1024);
 * await pool.shutdown();
 * ```
 */
export interface ThreadPoolExecutor extends WorkerPool {}

/** The constructor of {@linkcode ThreadPoolExecutor}. */
export interface ThreadPoolExecutorConstructor {
  /**
   * Opens a pool. Workers start on demand.
   *
   * @typeParam A the parameters of the initializer, which `initArgs` must match.
   * @throws {TypeError | RangeError} if an option is not valid.
   * @throws {InvalidStateError} while a worker loads the calling module.
   */
  new <A extends unknown[] = []>(options?: ThreadPoolOptions & InitializerOptions<A>): ThreadPoolExecutor;
  /** The prototype of all thread pools. */
  readonly prototype: ThreadPoolExecutor;
}

/** Opens a thread pool; see the type of the same name. */
export const ThreadPoolExecutor: ThreadPoolExecutorConstructor = class ThreadPoolExecutor extends PoolBase {
  static {
    printsAs(this, "ThreadPoolExecutor", picturePool);
  }

  /** Opens a pool. Workers start on demand. */
  constructor(options: ThreadPoolOptions = {}) {
    const settings = checkPoolOptions("ThreadPoolExecutor", options, THREAD_POOL_NAMES);
    const resourceLimits = checkResourceLimits(options);
    const { output } = options;
    super(settings, threadChannel(runtime.movesBuffers), (id, events) => {
      const named = { name: `${settings.name} ${id}`, daemon: false };
      return startThreadWorker(named, events, { taker: takerOf(output, id), resourceLimits });
    });
  }
};
