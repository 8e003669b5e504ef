// Makes rules of other programs: a failure becomes one finding with the program's output.

import { spawn } from "node:child_process";
import process from "node:process";
import { ROOT } from "../runner/root.ts";
import { findRuntimes } from "../runner/runtimes.ts";
import type { Check, Finding } from "./check.ts";

const LIMIT = 300_000;
const LINES_SHOWN = 60;
/** Output of Deno about itself rather than about the code. */
const NOISE =
  /^(?:Stack backtrace.*|\s+\d+: <unknown>|Warning Failed resolving types.*\n\s+at .*|(?:Check|Download) .*)\n/gm;

let deno: string | undefined;

/** Makes a rule of a `deno` command that must succeed. */
export function denoCheck(name: string, message: string, args: () => string[]): Check {
  return { name, run: () => runDeno(message, args()) };
}

/** Runs `deno` with the arguments; a failure is a finding. */
export async function runDeno(message: string, args: string[]): Promise<Finding[]> {
  deno ??= findRuntimes(["deno"])[0]?.binary;
  if (deno === undefined) return [{ file: "deno.json", message: "Cannot run Deno: run 'npm ci' first" }];
  return await runTool("deno.json", message, deno, args);
}

/** Runs a program; a failure is a finding about the file that configures it. */
export async function runTool(file: string, message: string, command: string, args: string[]): Promise<Finding[]> {
  const { code, output } = await run(command, args);
  if (code === 0) return [];
  const lines = output.replace(NOISE, "").trim().split("\n");
  return [{ file, message: `${message}\n${lines.slice(-LINES_SHOWN).join("\n")}` }];
}

function run(command: string, args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => output += text);
    }
    const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT);
    child.on("error", (error) => resolve({ code: 1, output: error.message }));
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}
