// Tests that a program lives as long as one of its waits is pending, and no longer.

import { assert, assertEquals, assertLess } from "@std/assert";
import { test } from "node:test";
import { startProgram } from "../support/program.ts";
import { PROMPT, SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;
const PRIMITIVES = ["Lock", "RLock", "Semaphore", "RwLock", "Event", "Barrier", "Condition"];
const ENDS: readonly [string, string][] = [["go", "go"], ["timeout", "TimeoutError"], ["abort", "Error"]];

/** Primitives to test when shared: sharing changes how they sleep, and these two cover it. */
const SHARED = ["Semaphore", "Condition"];

for (const shared of [false, true]) {
  const which = shared ? "shared with a thread" : "of one loop";
  const args = (name: string, end: string) => [name, end, ...(shared ? ["shared"] : [])];

  for (const name of shared ? SHARED : PRIMITIVES) {
    test(
      `${name} ${which} keeps the program alive while a wait is pending`,
      { timeout },
      async () => {
        const program = startProgram("sync_waits.ts", { args: args(name, "never") });
        try {
          await program.line(/still here/);
          assertEquals(program.stdout, "still here\n");
        } finally {
          program.killGroup("SIGKILL");
        }
        // The program has not ended by itself.
        assertEquals((await program.end).signal, "SIGKILL");
      },
    );
  }

  for (const [end, line] of ENDS) {
    test(`Waits at all primitives ${which} that end by ${end} let the program end at once`, { timeout }, async () => {
      const program = startProgram("sync_waits.ts", { args: args("all", end) });
      await program.line(/ended/);
      const ended = performance.now();
      const { stdout, stderr, code, late } = await program.end;
      const expected = `ended: ${PRIMITIVES.map(() => line).join(" ")}\n`;
      assertEquals([stdout.replace("still here\n", ""), stderr, code], [expected, "", 0]);
      assertLess(performance.now() - ended, PROMPT);
      assert(!late);
    });
  }
}
