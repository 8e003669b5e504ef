// Tests that failures that a program never observes are reported once, and do not change the exit code.
// Deadline: 300 s

import { assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { ALL, WORKERS } from "../support/executors.ts";
import { COLLECT, type ProgramEnd, runProgram } from "../support/program.ts";
import { RUNTIME } from "../support/runtime.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const timeout = SLOW_TEST_LIMIT;
const LEFT = "printed RangeError: left\n";
const END = "end of main\n";

type Case = [what: string, stdout: string, meaning: string];

/** The expected output for each case of failures. One program for each kind runs all cases, in this order. */
const POOLS: readonly Case[] = [
  ["collected", LEFT, "prints an unobserved failure when its future is collected"],
  ["map collected", LEFT, "prints an unobserved failure of a map when its results are collected"],
  ["source collected", LEFT, "prints an unobserved failure of the source of a map when its results are collected"],
  ["observed", "unobserved 0\n", "prints no observed failure"],
  ["aborted", "unobserved 0\n", "prints nothing for cancelled or aborted futures"],
  ["shutdown", `closed\n${LEFT}`, "prints an unobserved failure one turn after its shutdown"],
  ["listener", "event failWith RangeError: left\n", "announces an unobserved failure instead of printing it"],
  ["ends", `${END}${LEFT}printed RangeError: chained\n`, "prints an unobserved failure when the program ends"],
];

/** The reason to skip one of the tests on Deno. */
const KEPT = RUNTIME === "deno" ? "Deno keeps the `this` of all frames of an error, even if its stack was read" : false;

/** The cases for threads and processes. */
const SOLOS: readonly Case[] = [
  ["collected", LEFT, "prints an unobserved failure when it is collected"],
  ["stopped", "", "prints nothing when it was aborted"],
  ["listener", "event failWith RangeError: left\n", "announces an unobserved failure instead of printing it"],
  ["joined", "printed RangeError: left 1\njoined\n", "prints an unobserved failure one turn after the join"],
  ["ends", `${END}${LEFT}`, "prints an unobserved failure when the program ends"],
];

for (const { name } of ALL) testCases(name, POOLS);
for (const name of ["Thread", "Process"]) testCases(name, SOLOS);

/** Registers a test for each case. A failure that is reported at the wrong time fails the test of another case. */
function testCases(kind: string, cases: readonly Case[]): void {
  let program: Promise<ProgramEnd> | undefined;
  for (const [what, expected, meaning] of cases) {
    test(`${kind} ${meaning}`, { timeout, skip: what === "source collected" && KEPT }, async () => {
      const args = [kind, ...cases.map(([name]) => name).filter((name) => !KEPT || name !== "source collected")];
      const { stdout, stderr, code, late } = await (program ??= runProgram("unobserved.ts", { args, flags: COLLECT }));
      const printed = new Map(stdout.split(/^case /m).map((part) => part.split(/\n(.*)/s) as [string, string]));
      assertEquals([printed.get(what), stderr, code, late], [expected, "", 0, false], stdout);
    });
  }
}

test(
  "InlineExecutor prints an unobserved failure when the program exits, and keeps the exit code",
  { timeout },
  async () => {
    const { stdout, stderr, code } = await runProgram("unobserved.ts", { args: ["InlineExecutor", "exits"] });
    assertEquals([stdout, stderr, code], [`case exits\n${LEFT}`, "", 3]);
  },
);

for (const { name } of WORKERS) {
  test(`${name} prints unobserved failures of its tasks and of the exiting program, and keeps the exit code`, {
    timeout,
  }, async () => {
    const { stdout, stderr, code } = await runProgram("unobserved.ts", { args: [name, "nested", "exits"] });
    assertEquals([stdout, code], [`case nested\nreturned\nreturned\ncase exits\n${LEFT}`, 3], stderr);
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
