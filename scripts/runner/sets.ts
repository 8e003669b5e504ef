// Lists the files of a run and where each runs: `npm test`, `npm run test:quick`, `npm run test:long`.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, sep } from "node:path";
import { importsOf, library, read } from "../checks/sources.ts";
import { ROOT } from "./root.ts";
import type { FoundRuntime } from "./runtimes.ts";

/** A set of files: all but the long ones, those affected by a change, or the long ones. */
export type SetName = "default" | "quick" | "long";

/** One file on one runtime. */
export interface Job {
  readonly runtime: FoundRuntime;
  readonly file: string;
  /** Whether the file runs on the transpiled package. */
  readonly built: boolean;
}

/** Files with tests that take longer than five seconds each. */
const LONG = /_long_test\.ts$/;
/** An import of files whose tests do more in the long set. */
const SCALES = "/support/long_run.ts";

/**
 * Files that run on the sources on Node too: tests of the checkout itself, those that copy or read the sources, and one file for
 * each way in which a worker finds its modules.
 */
const ON_SOURCES: readonly RegExp[] = [
  /^tests\/(?:bundle|package|runners|runtime|scripts)\//,
  /^tests\/interleave\/shared_threads_test/,
  /^tests\/sync\/recoverable_counter_test/,
  /^tests\/worker\/serve_test/,
  /^tests\/contract\/executor_(?:submit|errors)_test/,
  /^tests\/pool\/modules_test/,
  /^tests\/examples\/main_job_test/,
  // Their programs run on all runtimes.
  /^tests\/examples\/cluster_/,
  /^tests\/cluster\/(?:crashes|holders|server_faults)_long_test/,
];

/**
 * Files that run in a program of their own: they check the whole process, change shared state, start builds and installs, or take
 * long. All other files share programs, because starting a program takes longer than most of their tests.
 */
const ALONE: readonly RegExp[] = [
  /^tests\/(?:bundle|interleave|package|runners|scripts|stress)\//,
  /(?:^|[/_])program(?:_\w+)?_test\.ts$/,
  /_(?:long|memory|scale|crowd|storm)_test\.ts$/,
  /^tests\/examples\/main_job_test/,
  /^tests\/pool\/(?:exit|fuzz|late_errors|untrusted)_test/,
  /^tests\/runtime\/(?:deno|environment|node_compat|requirements)_test/,
];
/** The maximum number of files that share a program: enough to save most starts, few enough to keep all cores busy. */
const MOST_TOGETHER = 8;

/** Files that also run on the oldest Node: the contract, the package, and whole programs. */
const OLDEST_NODE: readonly RegExp[] = [
  /^tests\/(?:contract|package)\//,
  /(?:^|[/_])program(?:_\w+)?_test\.ts$/,
];

/** Modules that determine the behaviour of executors: a change there affects the contract suite. */
const ENGINE = new Set(["runtime", "wire", "task", "worker", "futures", "pool"]);

/** Lists the jobs of a set. Files that state a deadline come first: they are long, and should not run last. */
export function jobsOf(set: SetName, runtimes: readonly FoundRuntime[], filters: readonly string[]): Job[] {
  const files = filesOf(set).filter((file) => filters.length === 0 || filters.some((part) => file.includes(part)));
  const inOrder = [...files.filter(statesDeadline), ...files.filter((file) => !statesDeadline(file))];
  return inOrder.flatMap((file) =>
    runtimes.filter(({ id }) => id !== "node22" || matches(OLDEST_NODE, file)).map((runtime) => ({
      runtime,
      file,
      built: runtime.id === "node22"
        ? !/^tests\/package\//.test(file)
        : runtime.id === "node" && !matches(ON_SOURCES, file),
    }))
  );
}

/** Groups the jobs, one group per program: jobs of one folder share a program if they may. */
export function groupsOf(jobs: readonly Job[]): Job[][] {
  const groups: Job[][] = [];
  const open = new Map<string, Job[]>();
  for (const job of jobs) {
    const key = `${job.runtime.id} ${job.built} ${posix.dirname(job.file)}`;
    const alone = matches(ALONE, job.file) || statesDeadline(job.file);
    const group = alone ? undefined : open.get(key);
    if (group !== undefined && group.length < MOST_TOGETHER) {
      group.push(job);
      continue;
    }
    const own = [job];
    groups.push(own);
    if (!alone) open.set(key, own);
  }
  return groups;
}

function filesOf(set: SetName): string[] {
  const files = readdirSync(join(ROOT, "tests"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("_test.ts"))
    .map((file) => `tests/${file.split(sep).join("/")}`)
    .sort();
  if (set === "long") return files.filter((file) => LONG.test(file) || read(file).text.includes(SCALES));
  const short = files.filter((file) => !LONG.test(file));
  return set === "quick" ? concerned(short, changedFiles()) : short;
}

/** Lists the files that differ from the last commit; if there are none, those that the last commit changed. */
function changedFiles(): string[] {
  const ask = (...args: string[]): string[] => {
    const { stdout } = spawnSync("git", args, { cwd: ROOT, encoding: "utf8" });
    return (stdout ?? "").split("\n").filter((line) => line !== "");
  };
  const open = [...ask("diff", "--name-only", "HEAD"), ...ask("ls-files", "--others", "--exclude-standard")];
  return open.length > 0 ? open : ask("diff", "--name-only", "HEAD~1", "HEAD");
}

/** Lists the tests of changed modules and of their importers, and tests that changed or use a changed file. */
export function concerned(tests: readonly string[], changed: readonly string[]): string[] {
  const direct = new Set(changed.map(moduleOf).filter((name) => name !== ""));
  const modules = new Set(direct);
  for (const source of library()) {
    const targets = importsOf(source).map(({ specifier }) => moduleOf(resolve(source.path, specifier)));
    if (targets.some((target) => direct.has(target))) modules.add(moduleOf(source.path));
  }
  const contract = [...modules].some((module) => ENGINE.has(module));
  const others = new Set(changed.filter((file) => !file.startsWith("src/")));
  return tests.filter((test) => {
    const folder = test.split("/")[1]!;
    if (modules.has(folder) || (contract && folder === "contract") || others.has(test)) return true;
    return others.size > 0 && usesOf(test).some((file) => others.has(file));
  });
}

/** Lists the files of the checkout that a test names, in imports and in other strings. */
function usesOf(test: string): string[] {
  const literals = read(test).text.matchAll(/["'`](\.{1,2}\/[^"'`\n]*)["'`]/g);
  return [...literals].map((match) => resolve(test, match[1]!));
}

function resolve(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier);
}

/** Returns the module of a file below `src`, or an empty name. */
function moduleOf(path: string): string {
  return /^src\/(\w+)\//.exec(path)?.[1] ?? "";
}

function statesDeadline(file: string): boolean {
  return /^\/\/ Deadline: \d+ s\b/m.test(readFileSync(join(ROOT, file), "utf8"));
}

function matches(patterns: readonly RegExp[], file: string): boolean {
  return patterns.some((pattern) => pattern.test(file));
}
