// Tests many crashes in a row, as many as a service has in a bad month.
// Deadline: 180 s

import { assert, assertEquals } from "@std/assert";
import { type Future, WorkerLostError } from "../../mod.ts";
import * as faults from "../fixtures/fault_tasks.ts";
import * as tasks from "../fixtures/tasks.ts";
import { testEach, WORKERS } from "../support/executors.ts";
import { scaled } from "../support/long_run.ts";
import { within } from "../support/poll.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

/** Processes take longer to start. */
const CRASHES = { ThreadPoolExecutor: scaled(10, 200), ProcessPoolExecutor: scaled(5, 100) };
/** The number of concurrent crashes. */
const ROUND = 5;

testEach(WORKERS, "goes on after many crashes with successes between", async ({ open, kind }) => {
  const crashes = CRASHES[kind.name as keyof typeof CRASHES];
  const pool = open({ maxWorkers: 2 });
  for (let i = 0; i < crashes; i += ROUND) {
    const futures: Future<unknown>[] = [];
    for (let j = 0; j < ROUND; j++) {
      futures.push(pool.submit(faults.exit, j % 3));
      assertEquals(await within("the success", pool.submit(tasks.double, i + j)), 2 * (i + j));
    }
    for (const crash of futures) assert(await within("the crash", crash.exception()) instanceof WorkerLostError);
  }
  const { lost, completed, workers } = pool.stats();
  assertEquals([lost, completed], [crashes, crashes]);
  assert(workers.idle + workers.busy + workers.starting <= 2);
}, { limit: 2 * SLOW_TEST_LIMIT });
