// Lays out a user's project with tests for one test runner, and runs them.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import nodeModule from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { layOut, PACKAGE, write } from "../../scripts/runner/npm_layout.ts";
import { ROOT } from "../../scripts/runner/root.ts";

/** A test runner. */
export type Runner = "vitest" | "jest" | "node" | "bun" | "deno";

const FIXTURES = fileURLToPath(new URL("../fixtures/runners/", import.meta.url));
/** The time limit of a run. */
const RUN_LIMIT = 100_000;

/** The last lines of a runner's output when a number of tests have passed. */
const PASSED: Readonly<Record<Runner, (count: number) => RegExp>> = {
  vitest: (count) => new RegExp(`Tests\\s+${count} passed \\(${count}\\)`),
  jest: (count) => new RegExp(`Tests:\\s+${count} passed, ${count} total`),
  node: (count) => new RegExp(`pass ${count}\n[^]*fail 0\n`),
  bun: (count) => new RegExp(`${count} pass\n\\s*0 fail`),
  deno: (count) => new RegExp(`ok \\| ${count} passed \\| 0 failed`),
};

/** A suite, and how to run it. */
export interface SuiteRun {
  readonly runner: Runner;
  /** The file in the runner's folder, without extension. */
  readonly suite: string;
  /** The number of its tests. */
  readonly count: number;
  /** Further arguments of the runner. */
  readonly args?: readonly string[];
  /** Further settings in `package.json`. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Runs a suite and returns what the runner printed. All its tests must pass. */
export async function runSuite({ runner, suite, count, args = [], settings = {} }: SuiteRun): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "heddle-runner-"));
  try {
    makeProject(folder, runner, suite, settings);
    const { code, output } = await run(commandOf(runner, args), folder);
    assertEquals(code, 0, output);
    assertMatch(output, PASSED[runner](count));
    return output;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a package is among the installed dev dependencies. */
export function installed(name: string): boolean {
  return existsSync(join(ROOT, "node_modules", name));
}

/** Lays out the project: the published package, the program, and one suite. */
function makeProject(folder: string, runner: Runner, suite: string, settings: object): void {
  const shared = ["program.ts", "leftovers.ts", "tasks.ts", "limit.ts"];
  for (const path of [...shared, ...helpers(runner), `${runner}/${suite}.ts`]) {
    const text = readFileSync(join(FIXTURES, path), "utf8");
    const target = path.replace(`/${suite}.ts`, `/${suite}.test.ts`);
    // jest does not support types.
    if (runner === "jest") write(join(folder, target.replace(/\.ts$/, ".js")), toJavaScript(text));
    else write(join(folder, target), text);
  }
  write(join(folder, "package.json"), JSON.stringify({ type: "module", private: true, ...settings }));
  if (runner === "deno") {
    const imports = { [PACKAGE.name]: pathToFileURL(join(ROOT, "mod.ts")).href };
    write(join(folder, "deno.json"), JSON.stringify({ imports }));
    return;
  }
  layOut(folder, [PACKAGE.name]);
  for (const name of ["vitest", "@jest/globals"]) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), link, "junction");
  }
}

function helpers(runner: Runner): string[] {
  return runner === "deno" ? ["deno/fake_timers.ts"] : [];
}

function toJavaScript(text: string): string {
  return nodeModule.stripTypeScriptTypes(text).replaceAll(/"(\.\.?\/\w+)\.ts"/g, '"$1.js"');
}

function commandOf(runner: Runner, args: readonly string[]): string[] {
  const [vitest, jest] = ["vitest/vitest.mjs", "jest/bin/jest.js"].map((path) => join(ROOT, "node_modules", path));
  switch (runner) {
    case "vitest":
      return [vitest!, "run", "--detectAsyncLeaks", ...args];
    case "jest":
      return ["--experimental-vm-modules", jest!, "--rootDir=.", "--detectOpenHandles", ...args];
    case "node":
      return ["--test", "--test-reporter=spec", ...args];
    case "bun":
      return ["test", ...args];
    case "deno":
      return ["test", "--allow-all", "--no-check", ...args];
  }
}

/** Runs the current runtime in a folder, and returns all its output. */
function run(args: readonly string[], cwd: string): Promise<{ code: number | null; output: string }> {
  // Otherwise Node's runner would report to the run that it was started in.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...env, NO_COLOR: "1", CI: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => output += text);
    }
    const timer = setTimeout(() => child.kill("SIGKILL"), RUN_LIMIT);
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

/** Fails if a runner has reported leftovers of the suite. */
export function assertNothingLeft(output: string): void {
  for (const sign of [/open handle/i, /\bleak/i, /did not exit/i, /asynchronous activity/i, /close timed out/i]) {
    assert(!sign.test(output), output);
  }
}
