// Failures that a program never looks at: they are reported once, and the exit code is left alone.
// Deadline: 300 s

import { assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { ALL, WORKERS } from "../support/executors.ts";
import { COLLECT, runProgram } from "../support/program.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;
const LEFT = "printed RangeError: left\n";
const END = "end of main\n";

/** What a program prints by what it does with failures. */
const POOLS: [what: string, stdout: string, meaning: string][] = [
  ["ends", `${END}${LEFT}printed RangeError: chained\n`, "prints an unobserved failure when the program ends"],
  ["collected", `${LEFT}${END}`, "prints an unobserved failure when its future is collected"],
  ["shutdown", `closed\n${LEFT}${END}`, "prints an unobserved failure one turn after its shutdown"],
  ["listener", `event failWith RangeError: left\n${END}`, "announces an unobserved failure instead of printing it"],
  ["observed", `unobserved 0\n${END}`, "prints no failure that was observed"],
  ["aborted", `unobserved 0\n${END}`, "prints nothing of futures that were cancelled or aborted"],
];

for (const { name } of ALL) {
  for (const [what, expected, meaning] of POOLS) {
    test(`${name} ${meaning}`, { timeout }, async () => {
      const { stdout, stderr, code, late } = await runProgram("unobserved.ts", { args: [name, what], flags: COLLECT });
      assertEquals([stdout, stderr, code, late], [expected, "", 0, false]);
    });
  }

  test(
    `${name} prints an unobserved failure when the program exits, and leaves the code alone`,
    { timeout },
    async () => {
      const { stdout, stderr, code } = await runProgram("unobserved.ts", { args: [name, "exits"] });
      assertEquals([stdout, stderr, code], [LEFT, "", 3]);
    },
  );
}

for (const { name } of WORKERS) {
  test(`${name} prints what its tasks leave unobserved`, { timeout }, async () => {
    const { stdout, stderr, code } = await runProgram("unobserved.ts", { args: [name, "nested"] });
    assertEquals([stdout, code], ["returned\nreturned\nend of main\n", 0], stderr);
    for (const message of ["left inside", "left deep inside", "left deep inside of a thread"]) {
      assertEquals(stderr.match(new RegExp(`RangeError: ${message}$`, "gm"))?.length, 1, stderr);
    }
  });

  test(`${name} prints a missing guard that is not awaited`, { timeout }, async () => {
    const kind = name === "ThreadPoolExecutor" ? "threads" : "processes";
    const { stderr, code } = await runProgram("unguarded.ts", { args: [kind, "not awaited"] });
    assertStringIncludes(stderr, "import.meta.main");
    assertEquals(code, 0);
  });
}

/** The same for threads and processes. */
const SOLOS: [what: string, stdout: string, meaning: string][] = [
  ["ends", `${END}${LEFT}`, "prints an unobserved failure when the program ends"],
  ["joined", `printed RangeError: left 1\njoined\n${END}`, "prints an unobserved failure one turn after the join"],
  ["listener", `event failWith RangeError: left\n${END}`, "announces an unobserved failure instead of printing it"],
  ["stopped", END, "prints nothing when it was told to stop"],
];

for (const kind of ["Thread", "Process"]) {
  for (const [what, expected, meaning] of SOLOS) {
    test(`${kind} ${meaning}`, { timeout }, async () => {
      const { stdout, stderr, code, late } = await runProgram("unobserved.ts", { args: [kind, what] });
      assertEquals([stdout, stderr, code, late], [expected, "", 0, false]);
    });
  }
}
