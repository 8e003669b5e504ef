/**
 * Starts processes by `node:child_process`.
 *
 * @module
 */

import type { ChildProcess, SpawnOptions } from "node:child_process";
import type net from "node:net";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { bare } from "./bare.ts";
import { hostTime } from "./host_time.ts";
import { collectChunks, forwardLines, type Output } from "./output.ts";
import { StartError } from "./start_error.ts";
import type { HostExit, ProcessEvents, ProcessPort, TimerHandle } from "./types.ts";

/** The descriptor from which a worker process reads. */
export const DOWN = 3;
/** The descriptor to which a worker process writes. */
export const UP = 4;
/**
 * The interval, in milliseconds, at which the pipes of a process that is gone are checked; and the maximum number of
 * such checks. After that number of checks without data they count as closed, even if a grandchild holds them. All data
 * of the process was in the pipes when it ended, and is read between two checks.
 */
const LOOK_INTERVAL = 10, VAIN_LOOKS = 3;

/** The command of a process, as the adapter determined it. */
export interface Command {
  args: readonly string[];
  env: Record<string, string>;
  cwd: string | undefined;
}

/** Returns the flags that would permit a start, if an error reports a missing permission. */
export type Missing = (error: unknown) => readonly string[];

/** Options of the start of a process. */
export interface ProcessHooks {
  /** Returns the flags that would permit the start. */
  missing?: Missing;
  /** Called after each signal that is sent to the process. */
  signalled?(child: ChildProcess): void;
}

/**
 * Starts a process whose channel is two inherited pipes.
 *
 * If the process cannot be started, this throws a {@linkcode StartError}, or the process ends with one.
 */
export function startProcess(
  { args, cwd, env }: Command,
  events: ProcessEvents,
  { missing = () => [], signalled }: ProcessHooks = {},
): ProcessPort {
  const executable = process.execPath;
  const failed = (error: unknown) => new StartError(error, { flags: missing(error), cwd, executable });
  // Loaded at the first use, because most threads start no process.
  const { spawn } = process.getBuiltinModule("node:child_process");
  let child: ChildProcess;
  try {
    const stdio: SpawnOptions["stdio"] = ["ignore", "pipe", "pipe", "pipe", "pipe"];
    child = spawn(executable, args, bare<SpawnOptions>({ cwd, env, stdio }));
  } catch (error) {
    throw failed(error);
  }
  if (child.pid === undefined) return unstarted(child, (error) => events.exit(error), failed);
  const down = child.stdio[DOWN] as net.Socket;
  const up = child.stdio[UP] as net.Socket;
  const output = follow(child.stdout!, process.stdout, events.stdout);
  const errors = follow(child.stderr!, process.stderr, events.stderr);
  for (const stream of [down, up, child.stdout, child.stderr]) {
    (stream as Partial<net.Socket> | null | undefined)?.unref?.();
  }
  child.unref();
  // A worker may die at any moment; data that is then written to it is dropped without an error.
  down.on("error", () => {});
  up.on("error", () => {});
  up.on("data", (chunk: Uint8Array) => events.data(chunk));
  const port = { closed: false };
  // The process has closed its end: it is ending, or has lost the descriptor. Hosts emit one of these events or both.
  const deaf = () => {
    if (!port.closed) events.deaf();
    port.closed = true;
  };
  down.once("end", deaf);
  down.once("close", deaf);
  // A signal that does not reach the process is no error either.
  child.on("error", () => {});
  onceGone(child, up, [output, errors], events.exit);
  return {
    pid: child.pid,
    write: (chunks) => {
      if (down.destroyed) return;
      for (const chunk of chunks) down.write(chunk);
    },
    close: () => {
      port.closed = true;
      down.end();
    },
    kill: (signal) => {
      child.kill(signal);
      signalled?.(child);
    },
  };
}

/**
 * Returns the port of a process that could not be started; its error arrives later. The host decides which streams it
 * has.
 */
function unstarted(
  child: ChildProcess,
  exit: (exit: HostExit) => void,
  failed: (error: unknown) => StartError,
): ProcessPort {
  child.once("error", (error) => {
    child.on("error", () => {});
    exit({ code: undefined, signal: undefined, stderr: "", error: failed(error) });
  });
  for (const stream of child.stdio ?? []) {
    stream?.on("error", () => {});
    stream?.destroy();
  }
  return { pid: undefined, write: () => {}, close: () => {}, kill: () => {} };
}

/** Forwards the output of a process: to `taker` if there is one, otherwise to the program's own output. */
function follow(from: Readable, to: Writable, taker: ((chunk: Uint8Array) => void) | undefined): Output {
  return taker === undefined ? forwardLines(from, to) : collectChunks(from, taker);
}

/** Calls back once the process is gone, its channel is read to the end and its output is forwarded. */
function onceGone(child: ChildProcess, up: net.Socket, outputs: Output[], exit: (exit: HostExit) => void): void {
  const state: HostExit = { code: undefined, signal: undefined, stderr: "", error: undefined };
  let waitingFor = 2 + outputs.length;
  let told = false;
  let timer: TimerHandle | undefined;
  let vain = 0;
  const came = () => vain = 0;
  const settle = (force: boolean) => {
    if (told || (--waitingFor > 0 && !force)) return;
    told = true;
    if (timer !== undefined) hostTime.stopTimer(timer);
    for (const output of outputs) output.flush();
    exit({ ...state, stderr: outputs[1]!.tail() });
  };
  const look = () => {
    timer = hostTime.startTimer(() => ++vain > VAIN_LOOKS ? settle(true) : look(), LOOK_INTERVAL, true);
  };
  child.once("exit", (code, signal) => {
    state.code = code ?? undefined;
    state.signal = signal ?? undefined;
    settle(false);
    if (told) return;
    for (const stream of [up, child.stdout!, child.stderr!]) stream.on("data", came);
    look();
  });
  up.once("close", () => settle(false));
  for (const output of outputs) output.onceClosed(() => settle(false));
}
