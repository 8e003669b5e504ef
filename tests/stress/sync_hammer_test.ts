// Runs threads that acquire, hold and release at random for some seconds, and kills some of them. HEDDLE_SEED repeats
// the choices of a run, though not its timing; HEDDLE_HAMMER sets its duration in milliseconds.

import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { delay } from "@std/async";
import { test } from "node:test";
import process from "node:process";
import { Lock, RwLock, Semaphore, Thread, WorkerLostError } from "../../mod.ts";
import * as tasks from "../fixtures/hammer_tasks.ts";
import { scaled } from "../support/long_run.ts";
import { until, within } from "../support/poll.ts";
import { random } from "../support/random.ts";
import { RUNTIME } from "../support/runtime.ts";
import { SLOW_TEST_LIMIT as timeout } from "../support/timing.ts";
import { sharedCells } from "../sync/threads.ts";

/** Deno cannot end a thread that computes: on Deno the test kills only threads that wait in their loop. */
const ONLY_RESTING_THREADS_CAN_BE_KILLED: boolean = RUNTIME === "deno";

/** The number of concurrent threads, the duration, and the maximum time between kills; in milliseconds. */
const AT_A_TIME = 4, DURATION = Number(process.env.HEDDLE_HAMMER ?? scaled(800, 20_000)), BETWEEN_KILLS = 250;

interface Hammer {
  readonly own: number;
  readonly thread: Thread<void>;
}

test(
  "Semaphore, Lock and RwLock never exceed their limits, and lose nothing when waits end or threads die",
  { timeout },
  async () => {
    const seed = Number(process.env.HEDDLE_SEED ?? Math.floor(Math.random() * 2 ** 31));
    const next = random(seed);
    const targets = { semaphore: new Semaphore(tasks.PERMITS), lock: new Lock(), rwLock: new RwLock() };
    const cells = sharedCells(tasks.CELLS);
    const ofThread = ({ own }: Hammer, cell: number) => Atomics.load(cells, tasks.cellOf(own, cell));
    let [started, killed] = [0, 0];

    const start = (): Hammer => {
      const own = started++;
      return { own, thread: new Thread(tasks.hammer, [targets, cells, own, Math.floor(next() * 2 ** 31)]).start() };
    };
    const kill = async (hammer: Hammer): Promise<void> => {
      const { own, thread } = hammer;
      await until("it has begun", () => ofThread(hammer, tasks.DONE) > 0);
      if (ONLY_RESTING_THREADS_CAN_BE_KILLED) {
        Atomics.store(cells, tasks.cellOf(own, tasks.REST), 1);
        await until("both tasks of a thread rest", () => ofThread(hammer, tasks.RESTS) === 2);
      }
      Atomics.store(cells, tasks.cellOf(own, tasks.DOOMED), 1);
      await thread.terminate();
      assertInstanceOf(await thread.result.exception(), WorkerLostError);
      killed++;
    };

    const hammers = Array.from({ length: AT_A_TIME }, start);
    try {
      const end = performance.now() + DURATION;
      while (performance.now() < end && started < tasks.THREADS) {
        await delay(next() * BETWEEN_KILLS);
        const place = Math.floor(next() * AT_A_TIME);
        await kill(hammers[place]!);
        hammers[place] = start();
      }
      for (const hammer of hammers) await until("all go on", () => ofThread(hammer, tasks.DONE) > 0);
      Atomics.store(cells, tasks.STOP, 1);
      await within("all to stop", Promise.all(hammers.map(({ thread }) => thread.result.result())));
      assertEquals(Atomics.load(cells, tasks.VIOLATIONS), 0, "too many were inside");
      const { semaphore, lock, rwLock } = targets;
      assertEquals([semaphore.available, lock.locked, rwLock.readers, rwLock.writing], [
        tasks.PERMITS,
        false,
        0,
        false,
      ]);
      assert(killed > 0);
    } catch (error) {
      throw new Error(`Seed ${seed}, ${killed} killed: ${(error as Error).message}`, { cause: error });
    } finally {
      await Promise.all(hammers.map(({ thread }) => thread.terminate()));
    }
  },
);
