// Runs several test files in one program: its start is most of what short files cost.

import type { BuiltSuite } from "./built_suite.ts";
import { toJs } from "./npm_layout.ts";
import { byFile, type Case, readJunitFiles } from "./report.ts";
import { DEADLINE, type FileResult, readCases, runFile, TEST_TIMEOUT } from "./run_file.ts";
import { runProgram } from "./run_program.ts";
import type { FoundRuntime } from "./runtimes.ts";

/** How much of a group's deadline is for one file, in milliseconds. */
const SHARE = 30_000;

/**
 * Runs the files in one program. Each runs alone if the program hangs, crashes, leaves processes behind or does not report
 * a file: then it is seen which file is to blame, and which test.
 *
 * @param folder takes the report, and has Deno's cache; groups that run side by side need folders of their own.
 * @param built the transpiled suite, if the files are to run in it.
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
    if (ended && !late && left.length === 0 && cases.every((own) => own.length > 0)) {
      // What is no test's time is the program's, to which each file adds the same.
      const rest = Math.max(0, time - total(cases.flat())) / files.length;
      return files.map((file, i) => ({ file, runtime, cases: cases[i]!, time: total(cases[i]!) + rest, output }));
    }
  }
  if (files.length > 1) console.log(`note ${runtime.label.padEnd(13)} runs one by one: ${files.join(", ")}`);
  const results: FileResult[] = [];
  for (const file of files) results.push(await runFile(runtime, file, folder, built));
  return results;
}

function total(cases: readonly Case[]): number {
  return cases.reduce((sum, { time }) => sum + time, 0);
}
