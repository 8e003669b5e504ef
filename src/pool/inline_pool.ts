/**
 * An executor without workers.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import { loopChannel } from "../wire/one_loop.ts";
import { InlineLoader } from "./inline_loader.ts";
import { startInlineWorker } from "./inline_worker.ts";
import { checkPoolOptions, type InitializerOptions, type PoolOptions } from "./options.ts";
import { picturePool, PoolBase, type PoolExecutor } from "./pool_base.ts";

/**
 * Runs tasks in the calling loop, under the same contract as the pools: in tests, or for functions that wait more than
 * they compute and need what is around them.
 *
 * A task here may submit to the very executor it runs in and wait: while it waits it lends its place to others, so that
 * even an executor for one task at a time never stands still. Tasks that wait for each other in a circle are refused with
 * a `DeadlockError`. Tasks see the async context they were submitted in.
 *
 * Arguments and results are copied as they would be on the way to a worker. A task that was aborted and does not end is
 * left behind, as there is nothing to stop.
 *
 * @example Wait for many things at once, but not too many
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

/** Opens executors of this kind. */
export interface InlineExecutorConstructor {
  /**
   * Opens an executor; `maxWorkers` is how many tasks may be in progress.
   *
   * @typeParam A what the initializer takes: `initArgs` must fit it.
   * @throws {TypeError | RangeError} if an option is not valid.
   */
  new <A extends unknown[] = []>(options?: PoolOptions & InitializerOptions<A>): InlineExecutor;
  /** What all of them have in common. */
  readonly prototype: InlineExecutor;
}

/** Opens a InlineExecutor; see the type of that name. */
export const InlineExecutor: InlineExecutorConstructor = class InlineExecutor extends PoolBase {
  static {
    printsAs(this, "InlineExecutor", picturePool);
  }

  /** Opens an executor; `maxWorkers` is how many tasks may be in progress. */
  constructor(options: PoolOptions = {}) {
    const settings = checkPoolOptions("InlineExecutor", options);
    super(settings, loopChannel, (_id, events, tasks) => {
      return startInlineWorker(new InlineLoader(settings.works!, tasks), events);
    });
  }
};
