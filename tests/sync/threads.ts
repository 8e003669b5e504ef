// One test, run with threads.

import { test } from "node:test";
import { ThreadPoolExecutor } from "../../mod.ts";
import { engineOf } from "../../src/pool/pool_base.ts";
import type { Cells, Form } from "../fixtures/sync_tasks.ts";
import { until, within } from "../support/poll.ts";
import { CLOSE_LIMIT, SLOW_TEST_LIMIT } from "../support/timing.ts";

export const FORMS: readonly Form[] = ["sync", "async"];

/**
 * A pool for the tests that want one thread, or one for those that want several, as to start them takes longer than most
 * tests; how many threads it may have, and how many tests are left.
 */
interface Share {
  pool: ThreadPoolExecutor | undefined;
  maxWorkers: number;
  left: number;
}

const one: Share = { pool: undefined, maxWorkers: 1, left: 0 };
const several: Share = { pool: undefined, maxWorkers: 2, left: 0 };

/** Registers a test with a pool of one thread, or of so many at least, which start as tasks need them. What it leaves running it must have told to end. */
export function testThreads(
  name: string,
  threads: number,
  fn: (pool: ThreadPoolExecutor) => Promise<void>,
): void {
  const share = threads === 1 ? one : several;
  share.left++;
  share.maxWorkers = Math.max(share.maxWorkers, threads);
  test(name, { timeout: SLOW_TEST_LIMIT }, async () => {
    const pool = share.pool ??= new ThreadPoolExecutor({ maxWorkers: share.maxWorkers });
    const isLast = --share.left === 0;
    try {
      await fn(pool);
      await until("its tasks are over", () => pool.stats().running + pool.stats().waiting === 0, CLOSE_LIMIT);
      if (!isLast) return;
      // The next file of the same program may have such tests.
      share.pool = undefined;
      await within("the pool to close", pool.shutdown(), CLOSE_LIMIT);
    } catch (error) {
      // What still waits would keep the pool, and the next test would find it in its way.
      engineOf(pool)?.terminate(error);
      share.pool = undefined;
      throw error;
    }
  });
}

/** Makes cells that all threads see. */
export function sharedCells(count: number): Cells {
  return new Int32Array(new SharedArrayBuffer(4 * count));
}

/** Sets a cell that tasks look at. */
export function raise(cells: Cells, index: number): void {
  Atomics.store(cells, index, 1);
  Atomics.notify(cells, index);
}
