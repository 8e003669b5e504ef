// Creates a user's program for the tests of the package, and runs it.

import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assertEquals } from "@std/assert";
import { PACKAGE } from "../../scripts/runner/npm_layout.ts";

/** The time limit of a program, including a start with an empty cache. */
const PROGRAM_LIMIT = 60_000;

/** Copies the user's program into a temporary folder, with the package under the given name. */
export async function withProgram(
  specifier: string,
  use: (folder: string, main: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "heddle-package-"));
  try {
    const source = fileURLToPath(new URL("./program/", import.meta.url));
    cpSync(source, folder, { recursive: true });
    for (const file of readdirSync(source)) {
      const text = readFileSync(join(source, file), "utf8");
      writeFileSync(join(folder, file), text.replaceAll(`"${PACKAGE.name}`, `"${specifier}`));
    }
    await use(folder, join(folder, "main.ts"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program on the current runtime, and returns its output; fails if the program fails. */
export async function runFile(args: string[], cwd: string, env: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
  const timer = setTimeout(() => child.kill("SIGKILL"), PROGRAM_LIMIT);
  const end = await new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(`exit ${signal ?? code}`));
  });
  clearTimeout(timer);
  assertEquals(end, "exit 0", `${stdout}\n${stderr}`);
  return stdout;
}

/** Runs the user's program on the current runtime, and checks its output. */
export async function runProgram(args: string[], cwd: string, env: Record<string, string> = {}): Promise<void> {
  const stdout = await runFile(args, cwd, env);
  const answer = { prime: true, primes: 5, bytes: [100_000, 42, 42], error: "out of range", attempt: 1 };
  const expected = ["threads", "processes", "inline"].map((name) => ({ name, ...answer }));
  assertEquals(stdout.trim().split("\n").map((line) => JSON.parse(line)), expected);
}
