// Runs one test file on one runtime, as a process of its own with a deadline, and counts who is left afterwards.

import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { BuiltSuite } from "./built_suite.ts";
import { cacheIn } from "./deno_cache.ts";
import { findDescendants, kill, MARK } from "./descendants.ts";
import { toJs } from "./npm_layout.ts";
import { type Case, guessHanging, readEvents, readJunit } from "./report.ts";
import { ROOT } from "./root.ts";
import type { FoundRuntime } from "./runtimes.ts";

/** How long a file may take, unless its source says `// Deadline: <seconds> s`. */
const DEADLINE = 120_000;
/** How long one test may take, unless its file has a deadline of its own: then a hanging test is named at once. */
const TEST_TIMEOUT = 60_000;
/** How long what a file started may outlive it: as long as children of a killed parent may take to notice. */
const CENSUS_GRACE = 2_500;
const CENSUS_STEP = 50;
const OUTPUT_KEPT = 20_000;

/** What came of a file. */
export interface FileResult {
  file: string;
  runtime: FoundRuntime;
  cases: Case[];
  /** Milliseconds from start to census. */
  time: number;
  /** The end of what it printed. */
  output: string;
}

const running = new Map<number, string>();
let runs = 0;

/**
 * Runs the file, never rejects: what goes wrong is a failed case.
 *
 * @param folder takes the report, and has Deno's cache. Deno 2.9 now and then starts no threads in a program while another
 *   one that has the same cache ends threads, so files that run side by side need folders of their own.
 * @param built the transpiled suite, if the file is to run in it.
 */
export async function runFile(
  runtime: FoundRuntime,
  file: string,
  folder: string,
  built?: BuiltSuite,
): Promise<FileResult> {
  const started = performance.now();
  const source = readFileSync(join(ROOT, file), "utf8");
  const stated = deadlineOf(source);
  const limit = stated ?? DEADLINE;
  const timeout = stated ?? TEST_TIMEOUT;
  const run = `${process.pid}-${++runs}`;
  const reportFile = join(folder, `${run}.report`);
  const [command, args] = commandFor(runtime, built === undefined ? file : toJs(file), reportFile, timeout);
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
  const cases = runtime.id === "deno" || runtime.id === "bun" ? readJunit(report) : readEvents(report);
  if (late) cases.push(hangOf(limit, guessHanging(source, report, output)));
  else if (cases.length === 0) {
    cases.push(failure("(the file)", `reported no test; ${outcome}\n${tail(output)}`));
  } else if (outcome !== "exit code 0" && !cases.some((test) => test.outcome === "failed")) {
    cases.push(failure("(the file)", `${outcome}\n${tail(output)}`));
  }
  if (left.length > 0) cases.push(failure("(the census)", `left running: ${left.join("; ")}`));
  return { file, runtime, cases, time: performance.now() - started, output };
}

/** Kills every file under way, with all that descends from it. */
export function killRunning(): void {
  for (const [pid, run] of running) killAll(run, pid);
}

function commandFor(
  { id, binary }: FoundRuntime,
  file: string,
  reportFile: string,
  timeout: number,
): [string, string[]] {
  if (id === "deno") return [binary, ["test", "-A", "--no-check", `--junit-path=${reportFile}`, file]];
  if (id === "bun") {
    // The timeout comes from bun_preload.mjs, which reads it in the environment.
    // bunfig.toml leaves long tests out of a plain 'bun test'; here each file is named.
    const flags = ["--path-ignore-patterns=none", "--reporter=junit", `--reporter-outfile=${reportFile}`];
    return [binary, ["test", ...flags, `./${file}`]];
  }
  // Without --test, which would put the file into yet another process, and with it the test out of our sight.
  const reporter = `--test-reporter=${join(ROOT, "scripts", "runner", "node_reporter.mjs")}`;
  return [binary, [reporter, `--test-reporter-destination=${reportFile}`, `--test-timeout=${timeout}`, file]];
}

/** The environment, without what tells Node's runner that it is a part of another run: it would report to that one. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, ...rest } = process.env;
  return rest;
}

function deadlineOf(source: string): number | undefined {
  const seconds = /^\/\/ Deadline: (\d+) s\b/m.exec(source)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
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
    await new Promise((resolve) => setTimeout(resolve, CENSUS_STEP));
  }
}

function killAll(run: string, pid: number): void {
  kill(pid);
  for (const descendant of findDescendants(run, pid)) kill(descendant.pid);
}

function hangOf(limit: number, name: string | undefined): Case {
  const where = name === undefined ? "after its last test" : `in or after "${name}"`;
  return failure(name ?? "(the file)", `killed after ${limit / 1_000} s: it hung ${where}`);
}

function failure(name: string, detail: string): Case {
  return { name, outcome: "failed", detail, time: 0 };
}

function tail(output: string): string {
  return output.trim().split("\n").slice(-30).join("\n");
}
