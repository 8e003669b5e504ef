// Deadline: 180 s: each test is a run of a test runner, which starts workers.
// Tests further ways in which runners run tests and replace clocks; the common ways are in the other files of this
// folder.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { SCENARIOS } from "../fixtures/runners/leftovers.ts";
import { EXPECTED } from "../fixtures/runners/program.ts";
import { runProgram } from "../support/program.ts";
import { RUNTIME } from "../support/runtime.ts";
import { assertNothingLeft, installed, runSuite, type SuiteRun } from "./project.ts";

const NEEDS_SINON = installed("@sinonjs/fake-timers") ? false : "needs the dev dependencies";
/** In Bun, a child process with a listener on its output delivers nothing while `process.nextTick` is replaced. */
const NEEDS_NEXT_TICK = RUNTIME === "bun" ? "the streams of Bun call the process.nextTick that sinon replaces" : false;

/** Suites that use all features, to find leftovers of each. */
const LEFTOVERS = { suite: "leftovers", count: Object.keys(SCENARIOS).length };
const FAKES_FIRST = { suite: "fakes_first", count: 1 };
const GLOBAL_FAKES = { jest: { transform: {}, fakeTimers: { enableGlobally: true } } };
const LEGACY_FAKES = { jest: { transform: {}, fakeTimers: { enableGlobally: true, legacyFakeTimers: true } } };

/** Further suites for each runtime. */
const RUNS: Record<typeof RUNTIME, readonly SuiteRun[]> = {
  deno: [{ runner: "deno", ...LEFTOVERS }, { runner: "deno", ...FAKES_FIRST }],
  bun: [{ runner: "bun", ...LEFTOVERS }, { runner: "bun", ...FAKES_FIRST }],
  node: [
    { runner: "node", ...LEFTOVERS },
    { runner: "node", ...FAKES_FIRST },
    { runner: "node", suite: "suite", count: 2, args: ["--test-isolation=none"] },
    { runner: "vitest", ...LEFTOVERS },
    { runner: "vitest", ...FAKES_FIRST },
    { runner: "vitest", suite: "suite", count: 2, args: ["--pool=threads"] },
    { runner: "vitest", ...FAKES_FIRST, args: ["--pool=vmThreads"] },
    { runner: "jest", ...LEFTOVERS },
    { runner: "jest", ...FAKES_FIRST },
    { runner: "jest", suite: "suite", count: 2, settings: GLOBAL_FAKES },
    { runner: "jest", ...FAKES_FIRST, settings: LEGACY_FAKES },
  ],
};

for (const run of RUNS[RUNTIME]) {
  const { runner, suite, args = [], settings } = run;
  const how = [...args, ...settings === undefined ? [] : [JSON.stringify(settings)]].join(" ");
  test(`a program runs in ${runner}: ${suite} ${how}`, async () => {
    assertNothingLeft(await runSuite(run));
  });
}

for (const when of ["before", "after"]) {
  test(`a program runs under the fakes of sinon that are installed ${when} it`, { skip: NEEDS_SINON }, async () => {
    await runUnderSinon(when, "nextTick");
  });

  test(
    `a program runs without process.nextTick, replaced ${when} it`,
    { skip: NEEDS_SINON || NEEDS_NEXT_TICK },
    async () => {
      await runUnderSinon(when);
    },
  );
}

async function runUnderSinon(when: string, ...real: string[]): Promise<void> {
  const { stdout, stderr, code } = await runProgram("fakes.ts", { args: [when, ...real] });
  assertEquals([code, stdout.trim()], [0, JSON.stringify(EXPECTED)], stderr);
}
