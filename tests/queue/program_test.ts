// Tests that a wait at a queue keeps its program alive, and that an ended wait does not.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { runProgram } from "../support/program.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;

for (const kind of ["Queue", "SharedQueue"]) {
  for (const [what, printed] of [["get", "2"], ["put", "2"], ["join", "joined"], ["loop", "1"]] as const) {
    test(`${kind} keeps a program alive that only waits: ${what}`, { timeout }, async () => {
      const { stdout, stderr, code, late } = await runProgram("queues.ts", { args: [kind, what] });
      assert(!late, stderr);
      assertEquals([stdout, stderr, code], [`${printed}\n`, "", 0]);
    });
  }

  test(`${kind} lets a program end once all waits have ended`, { timeout }, async () => {
    const { stdout, stderr, code, late } = await runProgram("queues.ts", { args: [kind, "gone"] });
    assert(!late, stderr);
    assertEquals([stdout, stderr, code], ["fulfilled rejected rejected rejected\n", "", 0]);
  });
}
