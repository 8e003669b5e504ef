// One test, run with threads of its own.

import { test } from "node:test";
import { ThreadPoolExecutor } from "../../mod.ts";
import { engineOf } from "../../src/pool/pool_base.ts";
import type { Cells, Form } from "../fixtures/sync_tasks.ts";
import { within } from "../support/poll.ts";
import { CLOSE_LIMIT, SLOW_TEST_LIMIT } from "../support/timing.ts";

export const FORMS: readonly Form[] = ["sync", "async"];

/** Registers a test with a pool of so many threads; they end with it. */
export function testThreads(
  name: string,
  maxWorkers: number,
  fn: (pool: ThreadPoolExecutor) => Promise<void>,
): void {
  test(name, { timeout: SLOW_TEST_LIMIT }, async () => {
    const pool = new ThreadPoolExecutor({ maxWorkers });
    try {
      await fn(pool);
    } catch (error) {
      // What still waits would keep the pool open, and the reason would be hidden behind that.
      engineOf(pool)?.terminate(error);
      throw error;
    } finally {
      await within("the pool to close", pool.shutdown({ cancelFutures: true }), CLOSE_LIMIT);
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
