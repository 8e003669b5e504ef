// Fuzzes the messages of pools, as `support/fuzz/run.ts` describes. `HEDDLE_SEED` repeats a run.
// Deadline: 2400 s

import process from "node:process";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { runFuzz } from "../support/fuzz/run.ts";
import { LONG_RUN } from "../support/long_run.ts";
import { runProgram } from "../support/program.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

/** Rounds for each kind of pool. */
const ROUNDS = 250;
/** Programs of the long set, run one after another: thousands of past workers slow one program down. */
const PROGRAMS = 20;

/** Limit for each program, in milliseconds. */
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
