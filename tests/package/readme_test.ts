// Deadline: 180 s: all programs of the README run, with their pools.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { pictureOf } from "../../scripts/report.ts";
import { loadResults } from "../../scripts/report_data.ts";
import { layOut, PACKAGE, write } from "../../scripts/runner/npm_layout.ts";
import { ROOT } from "../../scripts/runner/root.ts";
import { namelessBlocks, snippetsOf } from "../../scripts/runner/snippets.ts";
import { runFile } from "./support.ts";

const README = readFileSync(join(ROOT, "README.md"), "utf8");
const MOST_LINES = 200;

test("the README has at most 200 lines, and every code block names its file", () => {
  assert(README.trimEnd().split("\n").length <= MOST_LINES);
  assertEquals(namelessBlocks(README), []);
});

test("the picture in the README shows the stored results", () => {
  const picture = readFileSync(join(ROOT, "bench", "threads_or_processes.svg"), "utf8");
  assertEquals(picture, pictureOf(loadResults(join(ROOT, "bench", "results"))));
});

test("every program of the README runs unchanged and prints what its comments say", async () => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-readme-"));
  try {
    const snippets = snippetsOf(README);
    for (const { file, code } of snippets) write(join(folder, file), code);
    const programs = snippets.filter(({ file }) => file !== "tasks.ts");
    // Run all programs one after another in one process, since starting a process takes most of the time.
    write(join(folder, "all.ts"), programs.map(({ file }) => `await import("./${file}");\n`).join(""));
    const stdout = await runFile(install(folder), folder);
    assertEquals(stdout.trimEnd().split("\n"), programs.flatMap(({ prints }) => prints));
    assert(programs.every(({ prints }) => prints.length > 0));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Makes the package available by its name, and returns the arguments that run all programs. */
function install(folder: string): string[] {
  const main = join(folder, "all.ts");
  if (process.versions.deno === undefined) {
    layOut(folder);
    write(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
    return [main];
  }
  const imports = Object.entries(PACKAGE.exports).map(([entry, path]) => [
    PACKAGE.name + entry.slice(1),
    pathToFileURL(join(ROOT, path)).href,
  ]);
  write(join(folder, "deno.json"), JSON.stringify({ imports: Object.fromEntries(imports) }));
  return ["run", "-A", "--no-lock", main];
}
