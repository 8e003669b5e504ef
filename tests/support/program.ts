// Runs a program of a test in a separate process, on the runtime of the test.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { until } from "./poll.ts";
import { RUNTIME } from "./runtime.ts";
import { PROGRAM_LIMIT } from "./timing.ts";

const FOLDER = new URL("../fixtures/programs/", import.meta.url);

/** The flags that let a program collect its garbage. */
export const COLLECT: readonly string[] = {
  deno: ["--v8-flags=--expose-gc"],
  node: ["--expose-gc"],
  bun: [],
}[RUNTIME];

/** How to run a program. */
export interface ProgramOptions {
  args?: readonly string[];
  /** The permissions on Deno; all if omitted. */
  permissions?: readonly string[];
  /** Further flags for the runtime. */
  flags?: readonly string[];
  env?: Record<string, string>;
  /** A command to run instead of a file on the current runtime. */
  command?: readonly [command: string, ...args: string[]];
  /** The time in milliseconds after which the program is killed. */
  limit?: number;
  /** The number of lines after which its standard output is closed. */
  readsLines?: number;
  /** The maximum number of open descriptors; by default that of the test. */
  descriptors?: number;
}

/** How a program ended. */
export interface ProgramEnd {
  stdout: string;
  stderr: string;
  code: number | null;
  signal: string | null;
  /** Milliseconds since its start. */
  duration: number;
  /** Whether the time limit was exceeded and the program killed. */
  late: boolean;
}

/** A running program. */
export interface RunningProgram {
  readonly pid: number;
  /** The output so far. */
  readonly stdout: string;
  /** Waits until the program has printed a matching line. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal to the program only. */
  kill(signal: "SIGKILL" | "SIGTERM" | "SIGINT"): void;
  /** Sends a signal to the program and its children, as a terminal does. */
  killGroup(signal: "SIGINT" | "SIGTERM" | "SIGKILL"): void;
  readonly end: Promise<ProgramEnd>;
}

/** Runs a program to its end. */
export function runProgram(name: string, options: ProgramOptions = {}): Promise<ProgramEnd> {
  return startProgram(name, options).end;
}

/** Starts a program of `tests/fixtures/programs`, in a new process group. */
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

/** Whether a process exists; a zombie does not count. */
export async function alive(pid: number): Promise<boolean> {
  if (process.platform !== "linux") return signalTo(pid, 0);
  const { readFile } = await import("node:fs/promises");
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, FOLDER));
}

/** Returns the command line, run by a shell that sets the limits. */
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
