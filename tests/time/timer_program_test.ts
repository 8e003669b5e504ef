// Tests errors of timers that no join() receives, and how long timers keep their program alive.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { runProgram } from "../support/program.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;

function lines(stdout: string): string[] {
  return stdout.trim().split("\n");
}

for (const kind of ["Timer", "Interval"]) {
  for (const what of ["throws", "rejects"]) {
    test(`${kind} whose function ${what} ends the program like an uncaught error`, { timeout }, async () => {
      const { stdout, stderr, code, late } = await runProgram("timers.ts", { args: [kind, what] });
      assert(!late, stderr);
      assertEquals(code, 1);
      assertStringIncludes(stderr, "broken");
      assertEquals(lines(stdout).filter((line) => line.startsWith("join")), []);
    });

    test(
      `${kind} whose function ${what} reaches a handler, affects no other timer, and still rejects join()`,
      { timeout },
      async () => {
        const { stdout, stderr, code } = await runProgram("timers.ts", { args: [kind, what, "handled"] });
        assertEquals([code, stderr], [0, ""]);
        assertEquals(lines(stdout).sort(), ["end of main", "join broken", "same turn", "uncaught broken"]);
      },
    );
  }

  test(`${kind} reports no error that a join() received`, { timeout }, async () => {
    const { stdout, stderr, code } = await runProgram("timers.ts", { args: [kind, "joined", "handled"] });
    assertEquals([lines(stdout), stderr, code], [["end of main", "join broken"], "", 0]);
  });

  test(`${kind} reports an error after the last join() has given up`, { timeout }, async () => {
    const { stdout, code } = await runProgram("timers.ts", { args: [kind, "timed out", "handled"] });
    assertEquals([lines(stdout), code], [["TimeoutError", "end of main", "uncaught broken"], 0]);
  });

  test(`${kind} keeps the program alive until its last call`, { timeout }, async () => {
    const { stdout, stderr, code } = await runProgram("timers.ts", { args: [kind, "calls"] });
    const calls = kind === "Timer" ? ["call 1"] : ["call 1", "call 2"];
    assertEquals([lines(stdout), stderr, code], [["end of main", ...calls], "", 0]);
  });

  test(`${kind} keeps the program alive while a call is in progress`, { timeout }, async () => {
    const { stdout, stderr, code } = await runProgram("timers.ts", { args: [kind, "waits in a call"] });
    assertEquals([lines(stdout), stderr, code], [["end of main", "joined"], "", 0]);
  });

  test(`${kind} that was cancelled or never started lets the program end`, { timeout }, async () => {
    const { stdout, stderr, code, late } = await runProgram("timers.ts", { args: [kind, "cancelled"] });
    assertEquals([lines(stdout), stderr, code, late], [["end of main"], "", 0, false]);
  });
}
