// Tests many threads at one barrier over many rounds: early parties of the next round must not block late ones of the
// last.

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { Barrier, inline, ThreadPoolExecutor } from "../../mod.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const PARTIES = 16, ROUNDS = 5;

test("Barrier.waitSync() lets many threads through, round after round", { timeout: SLOW_TEST_LIMIT }, async () => {
  const pool = new ThreadPoolExecutor({ maxWorkers: PARTIES });
  const barrier = new Barrier(PARTIES);
  const meet = inline((barrier: Barrier, rounds: number) => {
    const places: number[] = [];
    for (let round = 0; round < rounds; round++) places.push(barrier.waitSync());
    return places;
  });
  const all = await Promise.all(Array.from({ length: PARTIES }, () => pool.submit(meet, barrier, ROUNDS)));
  for (let round = 0; round < ROUNDS; round++) {
    const places = all.map((each) => each[round]!).sort((a, b) => a - b);
    assertEquals(places, Array.from({ length: PARTIES }, (_, place) => place));
  }
  await pool.shutdown();
});
