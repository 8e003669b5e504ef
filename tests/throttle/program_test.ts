// Tests that a throttle keeps its program alive only while calls wait.

import { test } from "node:test";
import { assert, assertEquals, assertLess } from "@std/assert";
import { COLLECT, runProgram } from "../support/program.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;
/** The bytes that may remain of a throttle and a thousand calls: less than one object for each call. */
const MOST_BYTES = 20_000;

for (
  const [what, printed] of [["done", "done"], ["waits", "waited"], ["rate", "first\nsecond"], [
    "closed",
    "RejectedError",
  ]] as const
) {
  test(`Throttle keeps a program alive only while calls wait: ${what}`, { timeout }, async () => {
    const { stdout, stderr, code, late } = await runProgram("throttles.ts", { args: [what] });
    assert(!late, stderr);
    assertEquals([stdout, stderr, code], [`${printed}\n`, "", 0]);
  });
}

test("Throttle leaves no memory behind", { timeout }, async () => {
  const { stdout, stderr, code } = await runProgram("throttle_memory.ts", { flags: COLLECT, limit: timeout });
  assertEquals([stderr, code], ["", 0]);
  assertLess(Number(/^bytes (-?\d+)\n$/.exec(stdout)![1]), MOST_BYTES, stdout);
});
