// Defines tests of a bundled program without a guard: the first submit reports that, and no worker starts further
// workers.

import { join } from "node:path";
import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ProgramEnd } from "../support/program.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";
import { esbuild, fixture, NO_BUNDLER, runBundle, withFolder } from "./support.ts";

/** The kind of workers. */
export type Workers = "threads" | "processes";

/** The form of the main program. */
export type Main = "await" | "async" | "caught" | "exits" | "late" | "fails" | "one";

/** Builds the program in a folder, and runs it in the form that the environment selects. */
export type BuildAndRun = (program: string, folder: string, env: Record<string, string>) => Promise<ProgramEnd>;

/** Registers a test for a form of the main program. */
export function testGuard(workers: Workers, main: Main, what = "bundle", run: BuildAndRun = bundleAndRun): void {
  const name = `a ${what} without a guard refuses ${workers} of its workers: ${main}`;
  test(name, { timeout: SLOW_TEST_LIMIT, skip: NO_BUNDLER }, async () => {
    const lines = await linesOf(workers, main, run);
    const mains = lines.filter((line) => line === "main").length;
    // The worker may be ended before it has printed that it runs.
    assert(mains <= 2, `The main program ran ${mains} times`);
    CHECKS[main](lines.filter((line) => line !== "main" && line !== "caught"));
  });
}

/** Runs the program, which must end by itself without errors. */
async function linesOf(workers: Workers, main: Main, run: BuildAndRun): Promise<string[]> {
  let lines: string[] = [];
  await withFolder(async (folder) => {
    const env = { HEDDLE_TEST_KIND: workers, HEDDLE_TEST_MAIN: main };
    const { stdout, stderr, code, late } = await run(fixture("unguarded.ts"), folder, env);
    assertEquals([stderr, code, late], ["", 0, false], stdout);
    lines = stdout.trim().split("\n");
  });
  return lines;
}

async function bundleAndRun(program: string, folder: string, env: Record<string, string>): Promise<ProgramEnd> {
  const file = join(folder, "main.mjs");
  await esbuild(program, file);
  return await runBundle(file, env);
}

const CHECKS: Record<Main, (lines: string[]) => void> = {
  await: checkRefused,
  async: checkRefused,
  caught: checkRefused,
  exits: checkRefused,
  one: (lines) => {
    assertEquals(lines.length, 1);
    checkGuard(lines[0]!);
  },
  // The program is loaded by then, so the task runs, and the pool announces the errors of the worker's main program.
  late: (lines) => {
    assertEquals(lines.filter((line) => line === "main, later").length, 2);
    const [answer, fault] = lines.filter((line) => line !== "main, later");
    assertEquals(answer, "ran");
    assertStringIncludes(fault!, "InvalidStateError: Cannot open a ");
  },
  fails: ([task, inline, later, stats]) => {
    for (const line of [task!, inline!]) {
      for (const part of ["BrokenExecutorError: ", "no such argument", "'if (isMainThread)", " <- TypeError"]) {
        assertStringIncludes(line, part);
      }
    }
    checkLater(later, stats);
  },
};

function checkRefused([task, inline, later, stats]: string[]): void {
  checkGuard(task!);
  checkGuard(inline!);
  checkLater(later, stats);
}

function checkGuard(line: string): void {
  for (
    const part of [
      "InvalidStateError: ",
      "'if (import.meta.main)",
      "'if (isMainThread)",
      "every worker would open one of its own",
      " <- InvalidStateError",
    ]
  ) assertStringIncludes(line, part);
}

/** Asserts that the pool is broken and has no worker left. */
function checkLater(later: string | undefined, stats: string | undefined): void {
  assertEquals(later, "later BrokenExecutorError");
  assertEquals(JSON.parse(stats!), { restarts: 0, idle: 0, busy: 0, starting: 0 });
}
