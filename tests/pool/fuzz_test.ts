// Pools whose messages are changed on their way: see `support/fuzz/run.ts`. `HEDDLE_SEED` brings a run back.
// Deadline: 2400 s

import process from "node:process";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { runFuzz } from "../support/fuzz/run.ts";
import { LONG_RUN } from "../support/long_run.ts";
import { runProgram } from "../support/program.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

/** For each kind of pool. */
const ROUNDS = 250;
/** Programs of the long set, one after another: what thousands of workers in one program leave behind slows it down. */
const PROGRAMS = 20;

/** Milliseconds for each of them. */
const LIMIT = 3 * SLOW_TEST_LIMIT;

const first = Number(process.env.HEDDLE_SEED ?? Math.floor(Math.random() * 2 ** 31));

for (const kind of ["thread", "process"] as const) {
  if (!LONG_RUN) {
    test(`a ${kind} pool survives ${ROUNDS} changed messages (seed ${first})`, { timeout: LIMIT }, async () => {
      await runFuzz(kind, ROUNDS, first);
    });
    continue;
  }
  for (let seed = first; seed < first + PROGRAMS; seed++) {
    test(`a ${kind} pool survives ${ROUNDS} changed messages (seed ${seed})`, { timeout: LIMIT }, async () => {
      const args = [kind, String(ROUNDS), String(seed)];
      const { code, stderr } = await runProgram("fuzz.ts", { args, limit: LIMIT });
      assertEquals(code, 0, stderr);
    });
  }
}
