// Runs an example as a process of its own on the current runtime, and makes folders for it.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The time limit of an example. */
const LIMIT = 50_000;

/** How an example ended. */
export interface Ended {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

/** A running example; it leads a session of its own, like a program started from a shell. */
export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
}

/** Starts an example by its file name. */
export function startExample(name: string, args: readonly string[]): Running {
  const file = fileURLToPath(new URL(`../../scripts/examples/${name}`, import.meta.url));
  const run = process.versions.deno === undefined ? [file] : ["run", "-A", "--quiet", file];
  const child = spawn(process.execPath, [...run, ...args], {
    detached: true,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout!.setEncoding("utf8").on("data", (text: string) => stdout += text);
  child.stderr!.setEncoding("utf8").on("data", (text: string) => stderr += text);
  const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
  return { child, ended };
}

/** Runs an example to its end. */
export async function runExample(name: string, args: readonly string[] = []): Promise<Ended> {
  return await startExample(name, args).ended;
}

/** Makes a folder with these files, and removes it after use. */
export async function withFolder(
  files: Record<string, string | Uint8Array>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "heddle-examples-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
