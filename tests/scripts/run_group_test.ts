// Deadline: 180 s: it waits for hanging files to be killed.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { FileResult } from "../../scripts/runner/run_file.ts";
import { runGroup } from "../../scripts/runner/run_group.ts";
import type { FoundRuntime } from "../../scripts/runner/runtimes.ts";

const ID = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const RUNTIME: FoundRuntime = { id: ID, label: ID, binary: process.execPath };

test("runGroup() reports each file of one program separately, with its own failures", async () => {
  const [mixed, passes] = await run("mixed", "passes");
  const outcomes = mixed!.cases.filter(({ name }) => !name.startsWith("has parts"));
  assertEquals(outcomes.map(({ name, outcome }) => [name, outcome]), [
    ['passes & prints <a> "report"', "passed"],
    ["fails", "failed"],
    ["is skipped", "skipped"],
  ]);
  assertStringIncludes(outcomes[1]!.detail, "1 is not 2");
  assertEquals(passes!.cases.map(({ name, outcome }) => [name, outcome]), [["passes > by the way", "passed"]]);
  // Both files have the same output, since they run in one program.
  assertEquals(mixed!.output, passes!.output);
});

for (const other of ["does_not_load", "exits", "leaves_a_process"]) {
  test(`runGroup() runs each file alone if another one breaks the program: ${other}`, async () => {
    const [passes, spoiler] = await run("passes", other);
    assertEquals(passes!.cases.map(({ name, outcome }) => [name, outcome]), [["passes > by the way", "passed"]]);
    assert(spoiler!.cases.some(({ outcome }) => outcome === "failed"));
  });
}

async function run(...suites: string[]): Promise<FileResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "heddle-run-group-"));
  try {
    const files = suites.map((suite) => `tests/scripts/suites/${suite}.ts`);
    const results = await runGroup(RUNTIME, files, folder);
    assertEquals(results.map(({ file }) => file), files);
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
