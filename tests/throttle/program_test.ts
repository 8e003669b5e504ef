// How throttles treat the program they are in: who waits keeps it, nothing else does.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { runProgram } from "../support/program.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;

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
