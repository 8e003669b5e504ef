// Registers tests with threads, which share a pool.

import { test } from "node:test";
import { ThreadPoolExecutor } from "../../mod.ts";
import { engineOf } from "../../src/pool/pool_base.ts";
import type { Cells, Form } from "../fixtures/sync_tasks.ts";
import { until, within } from "../support/poll.ts";
import { CLOSE_LIMIT, SLOW_TEST_LIMIT } from "../support/timing.ts";

export const FORMS: readonly Form[] = ["sync", "async"];

/**
 * A shared pool, since starting threads takes longer than most tests: one for tests with one thread, another for tests
 * with several. Has its maximum number of threads, and the number of remaining tests.
 */
interface Share {
  pool: ThreadPoolExecutor | undefined;
  maxWorkers: number;
  left: number;
}

const one: Share = { pool: undefined, maxWorkers: 1, left: 0 };
const several: Share = { pool: undefined, maxWorkers: 2, left: 0 };

/**
 * Registers a test with a pool of one thread, or of at least `threads`, which start on demand. The test must end its
 * tasks.
 */
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
      // The next file in the same program may also have such tests.
      share.pool = undefined;
      await within("the pool to close", pool.shutdown(), CLOSE_LIMIT);
    } catch (error) {
      // Waiting tasks would keep the pool open and disturb the next test.
      engineOf(pool)?.terminate(error);
      share.pool = undefined;
      throw error;
    }
  });
}

/** Returns cells that all threads can access. */
export function sharedCells(count: number): Cells {
  return new Int32Array(new SharedArrayBuffer(4 * count));
}

/** Sets a cell that tasks wait for, and wakes them. */
export function raise(cells: Cells, index: number): void {
  Atomics.store(cells, index, 1);
  Atomics.notify(cells, index);
}
