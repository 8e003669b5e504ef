// Deadline: 180 s: it waits for hanging files to be killed.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async";
import type { Case } from "../../scripts/runner/report.ts";
import { type FileResult, runFile } from "../../scripts/runner/run_file.ts";
import type { FoundRuntime } from "../../scripts/runner/runtimes.ts";

const ID = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const RUNTIME: FoundRuntime = { id: ID, label: ID, binary: process.execPath };

/** The search for leftover processes reads /proc. */
const NO_CENSUS = process.platform === "linux" ? false : "only Linux shows the environment of processes";
/** A reporter that a busy loop blocks; the file is killed in spite of that. */
const NAMES_BUSY_TEST = ID !== "node";

test("runFile() counts what passed, failed and was skipped", async () => {
  const { cases } = await run("mixed");
  const outcomes = cases.filter(({ name }) => !name.startsWith("has parts")).map((
    { name, outcome },
  ) => [name, outcome]);
  assertEquals(outcomes, [
    ['passes & prints <a> "report"', "passed"],
    ["fails", "failed"],
    ["is skipped", "skipped"],
  ]);
  assert(cases.some(({ name, outcome }) => name.startsWith("has parts") && outcome === "passed"));
  assertStringIncludes(only(cases, "fails").detail, "1 is not 2");
});

test("runFile() kills a file that hangs and names the test", async () => {
  const { cases, time } = await run("hangs");
  assertEquals(only(cases, "never ends").outcome, "failed");
  assert(time < 15_000, `took ${time}`);
});

test("runFile() kills a file that is busy for ever", async () => {
  const { cases } = await run("spins");
  const [spinning] = cases;
  assertEquals(cases.length, 1);
  assertMatch(spinning!.detail, /killed after 2 s/);
  if (NAMES_BUSY_TEST) assertEquals(spinning!.name, "spins");
});

test("runFile() names and kills processes that a file leaves running", { skip: NO_CENSUS }, async () => {
  const { cases } = await run("leaves_a_process");
  const { detail } = only(cases, "(the census)");
  assertMatch(detail, /left running: \d+ .*setInterval/);
  const pid = Number(/\d+/.exec(detail)![0]);
  assert(await isGone(pid), `process ${pid} is still there`);
});

for (const suite of ["exits", "does_not_load", "empty"]) {
  test(`runFile() counts a file without a report as a failure: ${suite}`, async () => {
    const { cases } = await run(suite);
    assert(cases.some(({ outcome }) => outcome === "failed"));
    assert(!cases.some(({ outcome }) => outcome === "passed"));
  });
}

async function run(suite: string): Promise<FileResult> {
  const folder = mkdtempSync(join(tmpdir(), "heddle-run-file-"));
  try {
    return await runFile(RUNTIME, `tests/scripts/suites/${suite}.ts`, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function only(cases: Case[], name: string): Case {
  const found = cases.filter((test) => test.name === name);
  assertEquals(found.length, 1, `"${name}" among ${JSON.stringify(cases)}`);
  return found[0]!;
}

/** A killed process may exist for a moment, and is possibly never reaped. */
async function isGone(pid: number): Promise<boolean> {
  const { findDescendants } = await import("../../scripts/runner/descendants.ts");
  for (let turn = 0; turn < 40; turn++) {
    if (findDescendants("(no mark)", pid).length === 0) return true;
    await delay(50);
  }
  return false;
}
