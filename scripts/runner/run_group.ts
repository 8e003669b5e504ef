// Runs several test files in one program, because starting a program takes longer than a short file.

import type { BuiltSuite } from "./built_suite.ts";
import { toJs } from "./npm_layout.ts";
import { byFile, type Case, readJunitFiles } from "./report.ts";
import { DEADLINE, type FileResult, readCases, runFile, TEST_TIMEOUT } from "./run_file.ts";
import { runProgram } from "./run_program.ts";
import type { FoundRuntime } from "./runtimes.ts";

/** The share of one file in the deadline of its group, in milliseconds. */
const SHARE = 30_000;

/**
 * Runs the files in one program. If the program hangs, crashes, leaves processes behind or does not report a file, runs each file
 * alone, which shows the file and the test that are to blame.
 *
 * @param folder holds the report and Deno's cache; groups that run in parallel need different folders.
 * @param built the transpiled suite, if the files run in it.
 */
export async function runGroup(
  runtime: FoundRuntime,
  files: readonly string[],
  folder: string,
  built?: BuiltSuite,
): Promise<FileResult[]> {
  if (files.length > 1) {
    const { report, outcome, late, left, output, time } = await runProgram({
      runtime,
      files,
      folder,
      built,
      limit: Math.max(DEADLINE, files.length * SHARE),
      timeout: TEST_TIMEOUT,
    });
    const reported = runtime.id === "bun" ? readJunitFiles(report) : byFile(readCases(runtime, report));
    const cases = files.map((file) => reported.get(built === undefined ? file : toJs(file)) ?? []);
    const failed = cases.some((own) => own.some((test) => test.outcome === "failed"));
    const ended = outcome === "exit code 0" || (failed && outcome.startsWith("exit code "));
    const unreported = files.filter((_, i) => cases[i]!.length === 0);
    if (ended && !late && left.length === 0 && unreported.length === 0) {
      // The program's time outside tests is divided equally among the files.
      const rest = Math.max(0, time - total(cases.flat())) / files.length;
      return files.map((file, i) => ({ file, runtime, cases: cases[i]!, time: total(cases[i]!) + rest, output }));
    }
    const why = late ? "its deadline has passed" : left.length > 0 ? `it left ${left.join("; ")}` : outcome;
    const missing = unreported.length > 0 ? `, without a report of ${unreported.join(", ")}` : "";
    console.log(`note ${runtime.label.padEnd(13)} runs one by one (${why}${missing}): ${files.join(", ")}`);
  }
  const results: FileResult[] = [];
  for (const file of files) results.push(await runFile(runtime, file, folder, built));
  return results;
}

function total(cases: readonly Case[]): number {
  return cases.reduce((sum, { time }) => sum + time, 0);
}
