// A program of a test, as a process of its own on the runtime that runs the test.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { until } from "./poll.ts";
import { RUNTIME } from "./runtime.ts";
import { PROGRAM_LIMIT } from "./timing.ts";

const FOLDER = new URL("../fixtures/programs/", import.meta.url);

/** The flags with which a program can collect its garbage. */
export const COLLECT: readonly string[] = {
  deno: ["--v8-flags=--expose-gc"],
  node: ["--expose-gc"],
  bun: [],
}[RUNTIME];

/** How to run a program. */
export interface ProgramOptions {
  args?: readonly string[];
  /** The permissions on Deno; all if left out. */
  permissions?: readonly string[];
  /** Further flags for the runtime. */
  flags?: readonly string[];
  env?: Record<string, string>;
  /** What is run in place of a file by the current runtime. */
  command?: readonly [command: string, ...args: string[]];
  /** How long it may take before it is killed. */
  limit?: number;
  /** After how many lines its standard output is closed. */
  readsLines?: number;
  /** How many descriptors it may have open; as many as the test if left out. */
  descriptors?: number;
}

/** How a program ended. */
export interface ProgramEnd {
  stdout: string;
  stderr: string;
  code: number | null;
  signal: string | null;
  /** Milliseconds from its start. */
  duration: number;
  /** Whether it had to be killed. */
  late: boolean;
}

/** A program that runs. */
export interface RunningProgram {
  readonly pid: number;
  /** What it has printed so far. */
  readonly stdout: string;
  /** Waits until it has printed a line that fits. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal to the program alone. */
  kill(signal: "SIGKILL" | "SIGTERM" | "SIGINT"): void;
  /** Sends a signal to it and all its children, as a terminal does. */
  killGroup(signal: "SIGINT" | "SIGTERM" | "SIGKILL"): void;
  readonly end: Promise<ProgramEnd>;
}

/** Runs a program to its end. */
export function runProgram(name: string, options: ProgramOptions = {}): Promise<ProgramEnd> {
  return startProgram(name, options).end;
}

/** Starts a program of `tests/fixtures/programs`, in a process group of its own. */
export function startProgram(name: string, options: ProgramOptions = {}): RunningProgram {
  const { env = {}, limit = PROGRAM_LIMIT } = options;
  const [command, ...args] = options.command ?? [process.execPath, ...flagsOf(options), pathOf(name)];
  const started = performance.now();
  const [file, ...rest] = limited([command, ...args, ...options.args ?? []], options);
  const child: ChildProcess = spawn(file!, rest, {
    detached: true,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pid = child.pid!;
  let [stdout, stderr, late] = ["", "", false];
  child.stdout!.setEncoding("utf8").on("data", (text: string) => stdout += text);
  child.stderr!.setEncoding("utf8").on("data", (text: string) => stderr += text);
  const timer = setTimeout(() => {
    late = true;
    signalTo(-pid, "SIGKILL");
  }, limit);
  const end = once(child, "close").then(([code, signal]) => {
    clearTimeout(timer);
    return { stdout, stderr, code, signal, late, duration: performance.now() - started };
  });
  return {
    pid,
    get stdout() {
      return stdout;
    },
    line: async (pattern) => {
      let match: RegExpExecArray | null = null;
      await until(
        `the program prints ${pattern}`,
        () => (match = pattern.exec(stdout)) !== null || child.exitCode !== null,
      );
      if (match === null) throw new Error(`The program ended without printing ${pattern}:\n${stdout}\n${stderr}`);
      return match;
    },
    kill: (signal) => signalTo(pid, signal),
    killGroup: (signal) => signalTo(-pid, signal),
    end,
  };
}

/** Whether a process is there; one that ended and was not collected is not. */
export async function alive(pid: number): Promise<boolean> {
  if (process.platform !== "linux") return signalTo(pid, 0);
  const { readFile } = await import("node:fs/promises");
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, FOLDER));
}

/** The command line with its limits, which a shell sets. */
function limited(command: string[], { descriptors, readsLines }: ProgramOptions): string[] {
  if (readsLines !== undefined) return ["sh", "-c", `"$@" | head -n ${readsLines}`, "sh", ...command];
  return descriptors === undefined ? command : ["sh", "-c", `ulimit -n ${descriptors}; exec "$@"`, "sh", ...command];
}

function flagsOf({ permissions = ["--allow-all"], flags = [] }: ProgramOptions): string[] {
  if (RUNTIME !== "deno") return [...flags];
  return ["run", "--quiet", "--no-check", "--no-prompt", ...permissions, ...flags];
}

function signalTo(pid: number, signal: "SIGKILL" | "SIGTERM" | "SIGINT" | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
