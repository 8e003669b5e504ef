/**
 * An executor that runs tasks in the calling loop.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import { loopChannel } from "../wire/one_loop.ts";
import { InlineLoader } from "./workers/inline_loader.ts";
import { startInlineWorker } from "./workers/inline_worker.ts";
import { checkPoolOptions, type InitializerOptions, type PoolOptions } from "./options.ts";
import { picturePool, PoolBase, type PoolExecutor } from "./pool_base.ts";

/**
 * Runs tasks in the calling loop, under the same contract as the pools: for tests, and for functions that mostly wait
 * and need their closures.
 *
 * A task may submit to its own executor and wait for the result. While it waits, its place is free for other tasks, so
 * the executor makes progress even with `maxWorkers: 1`. A wait that would close a cycle throws a `DeadlockError`.
 * Tasks see the async context in which they were submitted.
 *
 * Arguments and results are copied as they would be for a worker. An aborted task that does not end is abandoned, as
 * there is no worker to stop.
 *
 * @example Limit concurrent lookups to two
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline, InlineExecutor } from "@heddle/heddle";
 *
 * const prices = new Map([["tea", 3], ["cake", 5]]);
 * const pool = new InlineExecutor({ maxWorkers: 2 });
 * const look = inline(async (name: string) => await Promise.resolve(prices.get(name)));
 * assertEquals(await pool.map(look, ["cake", "tea"]), [5, 3]);
 * await pool.shutdown();
 * ```
 */
export interface InlineExecutor extends PoolExecutor {}

/** The constructor of {@linkcode InlineExecutor}. */
export interface InlineExecutorConstructor {
  /**
   * Opens an executor; `maxWorkers` limits the number of tasks in progress.
   *
   * @typeParam A the parameters of the initializer, which `initArgs` must match.
   * @throws {TypeError | RangeError} if an option is not valid.
   */
  new <A extends unknown[] = []>(options?: PoolOptions & InitializerOptions<A>): InlineExecutor;
  /** The prototype of all inline executors. */
  readonly prototype: InlineExecutor;
}

/** Opens an inline executor; see the type of the same name. */
export const InlineExecutor: InlineExecutorConstructor = class InlineExecutor extends PoolBase {
  static {
    printsAs(this, "InlineExecutor", picturePool);
  }

  /** Opens an executor; `maxWorkers` limits the number of tasks in progress. */
  constructor(options: PoolOptions = {}) {
    const settings = checkPoolOptions("InlineExecutor", options);
    super(settings, loopChannel, (_id, events, tasks) => {
      return startInlineWorker(new InlineLoader(settings.jobs!, tasks), events);
    });
  }
};
