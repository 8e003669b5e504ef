// How throttles treat the program they are in: who waits keeps it, nothing else does.

import { test } from "node:test";
import { assert, assertEquals, assertLess } from "@std/assert";
import { COLLECT, runProgram } from "../support/program.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;
/** What may stay of a throttle and a thousand calls: if it kept one thing for each of them, there would be more. */
const MOST_BYTES = 20_000;

for (
  const [what, printed] of [["done", "done"], ["waits", "waited"], ["rate", "first\nsecond"], [
    "closed",
    "RejectedError",
  ]] as const
) {
  test(`Throttle keeps a program while somebody waits, and no longer: ${what}`, { timeout }, async () => {
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
