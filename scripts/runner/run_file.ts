// Runs one test file on one runtime in a process of its own, with a deadline. Any error becomes a failed case.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BuiltSuite } from "./built_suite.ts";
import { type Case, guessHanging, readEvents, readJunit } from "./report.ts";
import { ROOT } from "./root.ts";
import { runProgram } from "./run_program.ts";
import type { FoundRuntime } from "./runtimes.ts";

/** The time limit of a file, unless its source says `// Deadline: <seconds> s`. */
export const DEADLINE = 120_000;
/** The time limit of one test, unless its file has a deadline: a hanging test is then reported by its name. */
export const TEST_TIMEOUT = 60_000;

/** The result of a file. */
export interface FileResult {
  file: string;
  runtime: FoundRuntime;
  cases: Case[];
  /** Milliseconds from start until no process is left. */
  time: number;
  /** The end of its output. */
  output: string;
}

/**
 * Runs the file. Never rejects: any error becomes a failed case.
 *
 * @param folder holds the report and Deno's cache; files that run in parallel need different folders.
 * @param built the transpiled suite, if the file runs in it.
 */
export async function runFile(
  runtime: FoundRuntime,
  file: string,
  folder: string,
  built?: BuiltSuite,
): Promise<FileResult> {
  const source = readFileSync(join(ROOT, file), "utf8");
  const stated = deadlineOf(source);
  const limit = stated ?? DEADLINE;
  const { report, outcome, late, output, left, time } = await runProgram({
    runtime,
    files: [file],
    folder,
    built,
    limit,
    timeout: stated ?? TEST_TIMEOUT,
  });
  const cases = readCases(runtime, report);
  if (late) cases.push(hangOf(limit, guessHanging(source, report, output)));
  else if (cases.length === 0) {
    cases.push(failure("(the file)", `reported no test (${outcome})\n${tail(output)}`));
  } else if (outcome !== "exit code 0" && !cases.some((test) => test.outcome === "failed")) {
    cases.push(failure("(the file)", `${outcome}\n${tail(output)}`));
  }
  if (left.length > 0) cases.push(failure("(the census)", `left running: ${left.join("; ")}`));
  return { file, runtime, cases, time, output };
}

/** Reads the report of a runtime's runner. */
export function readCases({ id }: FoundRuntime, report: string): Case[] {
  return id === "deno" || id === "bun" ? readJunit(report) : readEvents(report);
}

function deadlineOf(source: string): number | undefined {
  const seconds = /^\/\/ Deadline: (\d+) s\b/m.exec(source)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}

function hangOf(limit: number, name: string | undefined): Case {
  const where = name === undefined ? "after its last test" : `in or after "${name}"`;
  return failure(name ?? "(the file)", `hung ${where}: killed after ${limit / 1_000} s`);
}

function failure(name: string, detail: string): Case {
  return { name, outcome: "failed", detail, time: 0 };
}

function tail(output: string): string {
  return output.trim().split("\n").slice(-30).join("\n");
}
