// Tests a program that is compiled into one executable with its runtime, so that its processes run the executable.
//
// The base binary of `deno compile` is not among the dev dependencies. Instead, a script starts Deno with a bundle and
// tells it that it is a compiled executable.
// Deadline: 240 s

import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { assertEquals } from "@std/assert";
import { type ProgramEnd, runProgram } from "../support/program.ts";
import { POSIX, RUNTIME } from "../support/runtime.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";
import { type BuildAndRun, testGuard } from "./guard_cases.ts";
import { build, BUILDERS, checkOutput, esbuild, fixture, NO_BUNDLER, PROGRAM, withFolder } from "./support.ts";

const CANNOT_COMPILE = {
  bun: false,
  deno: POSIX ? false : "the script in place of an executable is for a shell",
  node: "a program for Node is no executable",
}[RUNTIME];
const options = { timeout: SLOW_TEST_LIMIT, skip: NO_BUNDLER || CANNOT_COMPILE };

test("a compiled program runs", options, () => runCompiled(PROGRAM, checkOutput));

test("a compiled program passes its minified tasks to processes", options, () => {
  return runCompiled(PROGRAM, checkOutput, "--minify");
});

test("a compiled program rejects flags for its processes", options, async () => {
  await runCompiled(fixture("flags.ts"), ({ stdout, stderr, code }) => {
    assertEquals([code, stderr], [0, ""]);
    assertEquals(stdout.includes("BrokenExecutorError: "), true, stdout);
    assertEquals(stdout.includes("Cannot pass execArgs to a process of a compiled program"), true, stdout);
  });
});

if (CANNOT_COMPILE === false) {
  for (const main of ["await", "exits", "late", "fails"] as const) {
    testGuard("threads", main, "compiled program", compileAndRun);
    testGuard("processes", main, "compiled program", compileAndRun);
  }
}

async function runCompiled(program: string, check: (end: ProgramEnd) => void, ...flags: string[]): Promise<void> {
  await withFolder(async (folder) => {
    const file = await compile(program, folder, flags);
    check(await runProgram("", { command: [file], args: ["some", "arguments"] }));
  });
}

async function compile(program: string, folder: string, flags: readonly string[] = []): Promise<string> {
  const file = join(folder, process.platform === "win32" ? "program.exe" : "program");
  if (RUNTIME === "bun") {
    await build(BUILDERS.bun, ["build", program, "--compile", ...flags, `--outfile=${file}`]);
    return file;
  }
  const bundle = join(folder, "main.mjs");
  await esbuild(program, bundle, ...flags);
  const start = join(folder, "start.mjs");
  writeFileSync(
    start,
    `import process from "node:process";
    Object.defineProperty(Deno, "build", { value: { ...Deno.build, standalone: true } });
    Object.defineProperty(Deno, "mainModule", { value: ${JSON.stringify(pathToFileURL(bundle).href)} });
    process.execPath = ${JSON.stringify(file)};
    await import("./main.mjs");`,
  );
  writeFileSync(
    file,
    `#!/bin/sh\nexec ${JSON.stringify(process.execPath)} run -A --quiet --no-config ${JSON.stringify(start)} "$@"\n`,
  );
  chmodSync(file, 0o755);
  return file;
}

async function compileAndRun(...[program, folder, env]: Parameters<BuildAndRun>): Promise<ProgramEnd> {
  return await runProgram("", { command: [await compile(program, folder)], env });
}
