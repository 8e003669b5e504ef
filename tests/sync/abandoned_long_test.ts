// Tests that permits return when many threads end without releasing them.

import { test } from "node:test";
import { assertEquals, assertInstanceOf } from "@std/assert";
import { BoundedSemaphore, Semaphore, Thread, WorkerLostError } from "../../mod.ts";
import * as deaths from "../fixtures/sync_deaths.ts";
import { within } from "../support/poll.ts";
import { SLOW_TEST_LIMIT as timeout } from "../support/timing.ts";

// Each thread takes permits of both kinds, since starting many threads is slow.
test(
  "Semaphore and BoundedSemaphore: permits of more threads than slots return, even if no wait is pending",
  { timeout },
  async () => {
    const semaphores = [new Semaphore(100), new BoundedSemaphore(100)];
    for (let started = 0; started < 70; started += 7) {
      const threads = Array.from({ length: 7 }, () => new Thread(deaths.takeAndDie, semaphores).start());
      for (const { result } of threads) {
        assertInstanceOf(await within("the death", result.exception()), WorkerLostError);
      }
    }
    for (const semaphore of semaphores) {
      const permit = await within("all", semaphore.acquire({ count: 100 }));
      permit.release();
      assertEquals(semaphore.available, 100);
    }
  },
);
