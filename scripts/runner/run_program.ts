// Runs one program of a test runner with a deadline, and finds the processes that outlive it.

import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { delay } from "@std/async";
import type { BuiltSuite } from "./built_suite.ts";
import { cacheIn } from "./deno_cache.ts";
import { findDescendants, kill, MARK } from "./descendants.ts";
import { toJs } from "./npm_layout.ts";
import { ROOT } from "./root.ts";
import type { FoundRuntime } from "./runtimes.ts";

/** The time for which processes may outlive their program: children of a killed parent need time to detect its end. */
const CENSUS_GRACE = 2_500;
const CENSUS_STEP = 50;
const RUNNER = join(ROOT, "scripts", "runner");
const OUTPUT_KEPT = 20_000;

/** The program to run, and where. */
export interface ProgramOptions {
  readonly runtime: FoundRuntime;
  /** The test files. */
  readonly files: readonly string[];
  /**
   * Holds the report and Deno's cache. On Deno 2.9, a program occasionally starts no threads while another program with the same
   * cache ends threads, so programs that run in parallel need different folders.
   */
  readonly folder: string;
  /** The transpiled suite, if the files run in it. */
  readonly built: BuiltSuite | undefined;
  /** The time limit of the program, in milliseconds. */
  readonly limit: number;
  /** The time limit of one test, in milliseconds. */
  readonly timeout: number;
}

/** The result of a program. */
export interface ProgramResult {
  /** How it ended; `exit code 0` is success. */
  readonly outcome: string;
  /** Whether it was killed at its limit. */
  readonly late: boolean;
  /** The report of its runner. */
  readonly report: string;
  /** The end of its output. */
  readonly output: string;
  /** The processes that outlived it and were killed. */
  readonly left: readonly string[];
  /** Milliseconds from start until no process is left. */
  readonly time: number;
}

const running = new Map<number, string>();
let runs = 0;

/** Runs the program. Never rejects because of an error in the program. */
export async function runProgram(
  { runtime, files, folder, built, limit, timeout }: ProgramOptions,
): Promise<ProgramResult> {
  const started = performance.now();
  const run = `${process.pid}-${++runs}`;
  const reportFile = join(folder, `${run}.report`);
  const [command, args] = commandFor(
    runtime,
    files.map((file) => built === undefined ? file : toJs(file)),
    reportFile,
    timeout,
  );
  // Detached: a session of its own identifies its descendants, and keeps the terminal's Ctrl-C away from it.
  const child = spawn(command, args, {
    cwd: built?.root ?? ROOT,
    detached: true,
    env: {
      ...environment(),
      [MARK]: run,
      HEDDLE_TEST_TIMEOUT: String(timeout),
      NO_COLOR: "1",
      DENO_NO_UPDATE_CHECK: "1",
      DENO_DIR: cacheIn(folder),
      // Code that Node has compiled once is reused for the next file and in each worker.
      NODE_COMPILE_CACHE: join(folder, "node"),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-OUTPUT_KEPT);
    });
  }
  const pid = child.pid ?? 0;
  running.set(pid, run);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    killAll(run, pid);
  }, limit);
  const outcome = await new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(`cannot start: ${error.message}`));
    child.on("exit", (code, signal) => resolve(signal === null ? `exit code ${code}` : `ended by ${signal}`));
  });
  clearTimeout(timer);
  const left = await census(run, pid);
  running.delete(pid);
  child.stdout.destroy();
  child.stderr.destroy();

  const report = existsSync(reportFile) ? readFileSync(reportFile, "utf8") : "";
  rmSync(reportFile, { force: true });
  return { outcome, late, report, output, left, time: performance.now() - started };
}

/** Kills every running program and its descendants. */
export function killRunning(): void {
  for (const [pid, run] of running) killAll(run, pid);
}

function commandFor(
  { id, binary }: FoundRuntime,
  files: readonly string[],
  reportFile: string,
  timeout: number,
): [string, string[]] {
  if (id === "deno") {
    const entry = files.length === 1 ? files : [join(RUNNER, "deno_group.mjs"), "--", ...files];
    return [binary, ["test", "-A", "--no-check", `--junit-path=${reportFile}`, ...entry]];
  }
  if (id === "bun") {
    // The timeout comes from bun_preload.mjs, which reads it from the environment. bunfig.toml excludes long tests from a plain
    // 'bun test'; here each file is named.
    const flags = ["--path-ignore-patterns=none", "--reporter=junit", `--reporter-outfile=${reportFile}`];
    return [binary, ["test", ...flags, ...files.map((file) => `./${file}`)]];
  }
  // `--test` is tempting, but would run the file in yet another process, where its tests cannot be observed.
  const entry = files.length === 1 ? files : [join(RUNNER, "node_group.mjs"), ...files];
  const reporter = `--test-reporter=${join(RUNNER, "node_reporter.mjs")}`;
  return [binary, [reporter, `--test-reporter-destination=${reportFile}`, `--test-timeout=${timeout}`, ...entry]];
}

/** Returns the environment without the variable that makes Node's runner report to an outer run. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, ...rest } = process.env;
  return rest;
}

/** Waits until no process of the run is left; kills and names those left after the grace period. */
async function census(run: string, session: number): Promise<string[]> {
  const limit = performance.now() + CENSUS_GRACE;
  while (true) {
    const left = findDescendants(run, session);
    if (left.length === 0) return [];
    if (performance.now() > limit) {
      for (const { pid } of left) kill(pid);
      return left.map(({ pid, command }) => `${pid} ${command}`);
    }
    await delay(CENSUS_STEP);
  }
}

function killAll(run: string, pid: number): void {
  kill(pid);
  for (const descendant of findDescendants(run, pid)) kill(descendant.pid);
}
