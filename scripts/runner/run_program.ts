// Runs one program of a test runner with a deadline, and counts who is left afterwards.

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

/** How long what a file started may outlive it: as long as children of a killed parent may take to notice. */
const CENSUS_GRACE = 2_500;
const CENSUS_STEP = 50;
const RUNNER = join(ROOT, "scripts", "runner");
const OUTPUT_KEPT = 20_000;

/** What the program runs, and where. */
export interface ProgramOptions {
  readonly runtime: FoundRuntime;
  /** The test files. */
  readonly files: readonly string[];
  /**
   * Takes the report, and has Deno's cache. Deno 2.9 now and then starts no threads in a program while another one that has
   * the same cache ends threads, so programs that run side by side need folders of their own.
   */
  readonly folder: string;
  /** The transpiled suite, if the files are to run in it. */
  readonly built: BuiltSuite | undefined;
  /** How long the program may take, in milliseconds. */
  readonly limit: number;
  /** How long one test may take, in milliseconds. */
  readonly timeout: number;
}

/** What came of a program. */
export interface ProgramResult {
  /** How it ended: `exit code 0` is well. */
  readonly outcome: string;
  /** Whether it was killed at its limit. */
  readonly late: boolean;
  /** What its runner reported. */
  readonly report: string;
  /** The end of what it printed. */
  readonly output: string;
  /** The processes that outlived it, and were killed. */
  readonly left: readonly string[];
  /** Milliseconds from start to census. */
  readonly time: number;
}

const running = new Map<number, string>();
let runs = 0;

/** Runs the program; rejects for nothing that goes wrong in it. */
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
  // Detached: a session of its own, by which its descendants are known, and out of reach of the terminal's Ctrl-C.
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
      // What Node has compiled once, it need not compile again for the next file, nor in each worker.
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

/** Kills every program under way, with all that descends from it. */
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
    // The timeout comes from bun_preload.mjs, which reads it in the environment.
    // bunfig.toml leaves long tests out of a plain 'bun test'; here each file is named.
    const flags = ["--path-ignore-patterns=none", "--reporter=junit", `--reporter-outfile=${reportFile}`];
    return [binary, ["test", ...flags, ...files.map((file) => `./${file}`)]];
  }
  // Without --test, which would put the file into yet another process, and with it the test out of our sight.
  const entry = files.length === 1 ? files : [join(RUNNER, "node_group.mjs"), ...files];
  const reporter = `--test-reporter=${join(RUNNER, "node_reporter.mjs")}`;
  return [binary, [reporter, `--test-reporter-destination=${reportFile}`, `--test-timeout=${timeout}`, ...entry]];
}

/** The environment, without what tells Node's runner that it is a part of another run: it would report to that one. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, ...rest } = process.env;
  return rest;
}

/** Waits until nothing of the run is left; what is left after the grace is killed and named. */
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
