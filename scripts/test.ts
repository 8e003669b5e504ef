// Runs the suite on every runtime found: `node scripts/run.mjs scripts/test.ts [--runtime deno,bun] [--jobs 2] [path...]`.
//
// Every file is a process of its own, so one that hangs, crashes or leaves workers behind is killed, named and counted
// without taking the others along. Paths are parts of file names: `pool` runs all files with "pool" in their path.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { ROOT } from "./runner/root.ts";
import { type FileResult, killRunning, runFile } from "./runner/run_file.ts";
import { findRuntimes, type FoundRuntime, unknownRuntimes } from "./runner/runtimes.ts";
import { seconds, table } from "./runner/table.ts";

const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: { runtime: { type: "string", multiple: true }, jobs: { type: "string", default: "2" } },
});
const wanted = (values.runtime ?? []).flatMap((list) => list.split(","));
const unknown = unknownRuntimes(wanted);
if (unknown.length > 0) stop(`Unknown runtime: ${unknown.join(", ")}`);
const runtimes = findRuntimes(wanted);
if (runtimes.length === 0) stop("Found no runtime: run 'npm ci' first");
const files = findTests().filter((file) => filters.length === 0 || filters.some((part) => file.includes(part)));
if (files.length === 0) stop("Found no test file");

const folder = mkdtempSync(join(tmpdir(), "heddle-tests-"));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    killRunning();
    rmSync(folder, { recursive: true, force: true });
    process.exit(signal === "SIGINT" ? 130 : 143);
  });
}
const results = await runAll(Math.max(1, Number(values.jobs) || 1));
rmSync(folder, { recursive: true, force: true });
process.exitCode = printSummary() === 0 ? 0 : 1;

async function runAll(jobs: number): Promise<FileResult[]> {
  const queue = files.flatMap((file) => runtimes.map((runtime): [FoundRuntime, string] => [runtime, file]));
  const done: FileResult[] = [];
  const worker = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const result = await runFile(...job, folder);
      done.push(result);
      printFile(result);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return done;
}

function printFile(result: FileResult): void {
  const { passed, failed, skipped } = count([result]);
  const counts = [
    `${passed} passed`,
    ...(skipped ? [`${skipped} skipped`] : []),
    ...(failed ? [`${failed} failed`] : []),
  ];
  const mark = failed ? "FAIL" : "ok  ";
  console.log(
    `${mark} ${result.runtime.label.padEnd(13)} ${result.file}: ${counts.join(", ")} (${seconds(result.time)})`,
  );
}

function printSummary(): number {
  const total = count(results);
  for (const { file, runtime, cases } of results) {
    for (const { name, outcome, detail } of cases) {
      if (outcome === "failed") console.log(`\n${runtime.label}, ${file}: ${name}\n${indent(detail)}`);
    }
  }
  const rows = runtimes.map((runtime) => {
    const own = results.filter((result) => result.runtime === runtime);
    const { passed, failed, skipped } = count(own);
    const time = own.reduce((sum, result) => sum + result.time, 0);
    return [
      runtime.label,
      String(own.length),
      String(passed),
      String(failed),
      String(skipped),
      seconds(time),
    ];
  });
  console.log(`\n${table([["runtime", "files", "passed", "failed", "skipped", "time"], ...rows])}\n`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed;
}

function count(some: readonly FileResult[]): { passed: number; failed: number; skipped: number } {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { cases } of some) for (const { outcome } of cases) counts[outcome]++;
  return counts;
}

function findTests(): string[] {
  return readdirSync(join(ROOT, "tests"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("_test.ts"))
    .map((file) => `tests/${file.split(sep).join("/")}`)
    .sort();
}

function indent(text: string): string {
  return text.split("\n").map((line) => `    ${line}`).join("\n");
}

function stop(message: string): never {
  console.error(message);
  process.exit(2);
}
