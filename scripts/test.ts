// Runs the suite on every runtime found:
// `node scripts/run.mjs scripts/test.ts [--set quick|long] [--runtime deno,bun] [--jobs 3] [--times file] [path...]`.
//
// Every file that starts workers runs in a process of its own. If it hangs, crashes or leaves workers behind, it is killed, named
// and counted, and other files are not affected. The other files share processes. Paths are parts of file names: `pool` runs all
// files with "pool" in their path. `--times` writes the time of each file on each runtime, as JSON.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { findServer } from "./redis/find_server.ts";
import { buildSuite, type BuiltSuite } from "./runner/built_suite.ts";
import { copyCache, fillCache } from "./runner/deno_cache.ts";
import type { FileResult } from "./runner/run_file.ts";
import { runGroup } from "./runner/run_group.ts";
import { ROOT } from "./runner/root.ts";
import { killRunning } from "./runner/run_program.ts";
import { findRuntimes, unknownRuntimes } from "./runner/runtimes.ts";
import { groupsOf, type Job, jobsOf, type SetName } from "./runner/sets.ts";
import { seconds, table } from "./runner/table.ts";

/** The sets, and the runtimes on which each runs by default: quick is for the time between two edits. */
const SETS: Record<SetName, readonly string[]> = { default: [], quick: ["bun"], long: ["deno", "bun", "node"] };
/** Most files wait for processes part of the time, so one more job than cores keeps the cores busy. */
const JOBS = availableParallelism() + 1;
const SLOWEST_SHOWN = 10;
/** If more files than this fail, the cause is systematic, and none is run again. */
const MOST_AGAIN = 5;
/** The number of times that a failed file is run again. */
const ATTEMPTS = 2;

const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    set: { type: "string", default: "default" },
    runtime: { type: "string", multiple: true },
    jobs: { type: "string" },
    times: { type: "string" },
  },
});
const set = values.set as SetName;
if (!(set in SETS)) stop(`Cannot run set '${set}': use default, quick or long`);
const named = (values.runtime ?? []).flatMap((list) => list.split(","));
const unknown = unknownRuntimes(named);
if (unknown.length > 0) stop(`Cannot run tests: unknown runtime ${unknown.join(", ")}`);
const runtimes = findRuntimes(named.length > 0 ? named : SETS[set]);
if (runtimes.length === 0) stop("Cannot find a runtime: run 'npm ci' first");
const jobs = jobsOf(set, runtimes, filters);
if (jobs.length === 0) {
  if (set !== "quick") stop("Cannot find a test file that matches");
  console.log("The change affects no test file\n\n0 passed, 0 failed");
  process.exit(0);
}
if (set === "long") process.env.HEDDLE_TEST_LONG = "1";

const folder = mkdtempSync(join(tmpdir(), "heddle-tests-"));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    killRunning();
    cleanUp();
    process.exit(signal === "SIGINT" ? 130 : 143);
  });
}
const built: BuiltSuite | undefined = jobs.some((job) => job.built) ? buildSuite() : undefined;
const deno = runtimes.find(({ id }) => id === "deno");
if (deno !== undefined) fillCache(deno.binary, [...new Set(jobs.map(({ file }) => file))], folder);
const results = await runAll(jobs, Math.max(1, Number(values.jobs ?? JOBS) || 1));
const again = await runAgain();
cleanUp();
if (values.times !== undefined) writeTimes(values.times);
process.exitCode = printSummary() === 0 ? 0 : 1;

async function runAll(list: readonly Job[], atOnce: number): Promise<FileResult[]> {
  const queue = groupsOf(list);
  const done: FileResult[] = [];
  const worker = async (own: string): Promise<void> => {
    mkdirSync(own, { recursive: true });
    if (deno !== undefined) copyCache(folder, own);
    for (let group = queue.shift(); group !== undefined; group = queue.shift()) {
      const [{ runtime, built: onPackage }] = group as [Job];
      const results = await runGroup(runtime, group.map(({ file }) => file), own, onPackage ? built : undefined);
      done.push(...results);
      results.forEach(printFile);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, n) => worker(join(folder, String(n)))));
  return done;
}

/**
 * Runs failed files again, alone: on a busy machine, a test may miss its time limits without a fault in the code. A file that
 * fails again counts as failed. A file that passes counts as passed, and the summary names it for investigation.
 */
async function runAgain(): Promise<FileResult[]> {
  const failed = results.filter((result) => count([result]).failed > 0);
  if (failed.length > MOST_AGAIN) return [];
  const passed: FileResult[] = [];
  for (const before of failed) {
    const job = jobs.find(({ runtime, file }) => runtime === before.runtime && file === before.file)!;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [result] = await runAll([job], 1);
      if (count([result!]).failed > 0) continue;
      results[results.indexOf(before)] = result!;
      passed.push(before);
      break;
    }
  }
  return passed;
}

function cleanUp(): void {
  built?.remove();
  rmSync(folder, { recursive: true, force: true });
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
  for (const { file, runtime, cases } of again) {
    for (const { name, outcome, detail } of cases) {
      if (outcome !== "failed") continue;
      console.log(`\nPassed only when run alone: ${runtime.label}, ${file}: ${name}\n${indent(detail)}`);
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
  const slowest = [...results].sort((a, b) => b.time - a.time).slice(0, SLOWEST_SHOWN);
  console.log(`\n${table([["slowest files", "time"], ...slowest.map(nameAndTime)])}`);
  console.log(`\n${table([["runtime", "files", "passed", "failed", "skipped", "time"], ...rows])}\n`);
  const unserved = count(results.filter(({ file }) => needsServer(file))).skipped;
  const server = unserved > 0 ? findServer() : undefined;
  if (typeof server === "string") {
    console.log(`NO SERVER: ${unserved} cluster tests were skipped: ${server}`);
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed;
}

/** Tells whether a test file starts a server; without one its tests are skipped. */
function needsServer(file: string): boolean {
  return readFileSync(join(ROOT, file), "utf8").includes("/support/cluster/server.ts");
}

function count(some: readonly FileResult[]): { passed: number; failed: number; skipped: number } {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { cases } of some) for (const { outcome } of cases) counts[outcome]++;
  return counts;
}

function nameAndTime({ runtime, file, time }: FileResult): string[] {
  return [`${runtime.label}, ${file}`, seconds(time)];
}

function writeTimes(path: string): void {
  const rows = results.map(({ runtime, file, time, cases }) => ({
    runtime: runtime.id,
    file,
    milliseconds: Math.round(time),
    tests: cases.map(({ name, outcome, time }) => ({ name, outcome, milliseconds: time })),
  }));
  writeFileSync(path, JSON.stringify(rows, null, 1));
}

function indent(text: string): string {
  return text.split("\n").map((line) => `    ${line}`).join("\n");
}

function stop(message: string): never {
  console.error(message);
  process.exit(2);
}
