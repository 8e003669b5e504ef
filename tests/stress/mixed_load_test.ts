// Runs random load from a seed: every future settles exactly once, whatever happens to its task.
// Deadline: 420 s

import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async";
import process from "node:process";
import { CancelledError, type Future, TimeoutError, WorkerLostError } from "../../mod.ts";
import * as faults from "../fixtures/fault_tasks.ts";
import { throwNow } from "../fixtures/failing_tasks.ts";
import * as tasks from "../fixtures/tasks.ts";
import { ALL, INLINE, type Kind, type Pool, testEach } from "../support/executors.ts";
import { scaled } from "../support/long_run.ts";
import { random } from "../support/random.ts";
import { until, within } from "../support/poll.ts";
import { SHORT, SLOW_TEST_LIMIT } from "../support/timing.ts";

const COUNT = scaled(300, 1_500);
/** The number of loads, each from a different seed. */
const LOADS = scaled(1, 5);
const REASON = new Error("aborted by the test");

/** A future and its permitted outcomes. */
interface Expectation {
  future: Future<unknown>;
  allowed: (error: unknown, value: unknown) => boolean;
  settled: number;
}

testEach(ALL, "settles every future of a mixed load exactly once", async ({ open, kind }) => {
  for (let load = 0; load < LOADS; load++) {
    await runLoad(open({ maxWorkers: 3, grace: SHORT, maxTasksPerWorker: 400 }), kind);
  }
}, { limit: LOADS * SLOW_TEST_LIMIT });

async function runLoad(pool: Pool, kind: Kind): Promise<void> {
  const seed = Number(process.env.HEDDLE_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  const next = random(seed);
  const all: Expectation[] = [];
  while (all.length < COUNT) {
    for (let burst = Math.floor(next() * 40); burst >= 0; burst--) {
      const expectation = submit(pool, all.length, next, kind !== INLINE && all.length % 97 === 96);
      expectation.future.addDoneCallback(() => expectation.settled++);
      all.push(expectation);
    }
    if (next() < 0.3) all[Math.floor(next() * all.length)]!.future.cancel();
    if (next() < 0.3) all[Math.floor(next() * all.length)]!.future.abort(REASON);
    if (next() < 0.5) await delay(0);
  }
  const outcomes = all.map(async ({ future, allowed }, place) => {
    await future.exception().catch(() => {});
    const error = errorOf(future);
    const value = error === undefined ? future.resultNow() : undefined;
    const fine = error === undefined ? allowed(undefined, value) : isStop(error) || allowed(error, undefined);
    assert(fine, `task ${place} of seed ${seed} ended in ${error ?? value}`);
  });
  await within(`all to settle, seed ${seed}`, Promise.all(outcomes), SLOW_TEST_LIMIT);
  assertEquals(all.filter(({ settled }) => settled !== 1).length, 0, `seed ${seed}`);
  // A task that was dropped or aborted stays on its worker a little longer than its future is pending.
  await until("nothing runs", () => pool.stats().running + pool.stats().waiting === 0);
  const { completed, failed, cancelled } = pool.stats();
  assertEquals(completed + failed + cancelled, all.length, `seed ${seed}`);
}

function submit(pool: Pool, n: number, next: () => number, crash: boolean): Expectation {
  const make = (future: Future<unknown>, allowed: Expectation["allowed"]): Expectation => ({
    future,
    allowed,
    settled: 0,
  });
  if (crash) return make(pool.submit(faults.exit, 1), (error) => error instanceof WorkerLostError);
  const kind = next();
  if (kind < 0.6) return make(pool.submit(tasks.double, n), (_, value) => value === 2 * n);
  if (kind < 0.7) {
    return make(pool.submit(throwNow, "TypeError"), (error) => error instanceof TypeError);
  }
  if (kind < 0.8) {
    const view = pool.with({ priority: Math.floor(next() * 5) });
    return make(view.submit(tasks.addLater, n, 1), (_, value) => value === n + 1);
  }
  if (kind < 0.85) {
    const controller = new AbortController();
    const future = pool.with({ signal: controller.signal }).submit(tasks.hearAndReturn);
    setTimeout(() => controller.abort(REASON), next() * 20);
    return make(future, (_, value) => value === "heard");
  }
  if (kind < 0.86) return make(pool.with({ timeout: 5, grace: 5 }).submit(tasks.neverEnd), isTimeout);
  if (kind < 0.9) {
    return make(pool.submit(tasks.echo, () => {}), (error) => (error as Error)?.name === "DataCloneError");
  }
  const bytes = new Uint8Array(next() * 50_000).fill(n);
  return make(pool.submit(tasks.echo, bytes), (_, value) => (value as Uint8Array)?.length === bytes.length);
}

/** The errors that the test itself, or a crash on the same worker, may cause for any task. */
function isStop(error: unknown): boolean {
  return error === REASON || error instanceof CancelledError;
}

function isTimeout(error: unknown): boolean {
  return error instanceof TimeoutError;
}

/** Returns the error of a future that is done; a CancelledError for a cancelled one. */
function errorOf(future: Future<unknown>): unknown {
  try {
    return future.exceptionNow();
  } catch (error) {
    return error;
  }
}
