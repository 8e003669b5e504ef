/**
 * What the three runtimes share: threads by `node:worker_threads` and processes by `node:child_process`, which all of
 * them provide with the same events.
 *
 * On Deno and Bun the Web `Worker` is the tempting choice. On Deno it ends in silence when the worker closes itself,
 * takes the program down with an uncaught error, and keeps the program alive after it was terminated while busy;
 * `node:worker_threads` has none of that. Its slow copies of large values there do not matter, because bulk travels in
 * shared memory.
 *
 * Processes talk over two inherited pipes: descriptor 3 towards the worker, 4 back. The built-in ipc channel loses
 * what was sent just before an exit, and a worker that writes to it can bring its parent down.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { ChildProcess, SpawnOptions } from "node:child_process";
import diagnostics from "node:diagnostics_channel";
import fs from "node:fs";
import type net from "node:net";
import process from "node:process";
import type { Duplex, Readable, Writable } from "node:stream";
import { TextDecoder, TextEncoder } from "node:util";
import { parentPort, type ResourceLimits, Worker, workerData } from "node:worker_threads";
import { LONGEST_LOOK } from "../core/patience.ts";
import { hostTime } from "./host_time.ts";
import { parallelism } from "./parallelism.ts";
import { afterOutput, collectChunks, forwardLines, type Output } from "./output.ts";
import type {
  ChannelName,
  ContextStore,
  EnterContext,
  HostExit,
  ParentProcess,
  ParentThread,
  ProcessEvents,
  ProcessPort,
  Runtime,
  SocketOptions,
  ThreadEvents,
  ThreadPort,
  TimerHandle,
} from "./types.ts";
import { uniqueId } from "./unique_id.ts";

/** The descriptor a worker process reads from. */
const DOWN = 3;
/** The descriptor a worker process writes to. */
const UP = 4;
/** How long after a process is gone its channel may stay open, held by a grandchild, before it counts as closed. */
const DRAIN_LIMIT = 500;
/** How often a worker process looks whether its parent is still there. */
const WATCH_INTERVAL = 500;

/** What a process is started with, once the adapter has worked out the command line. */
export interface Command {
  args: readonly string[];
  env: Record<string, string>;
  cwd: string | undefined;
}

/** A module in a URL: it needs no file and no permission, and works in compiled programs. */
export function dataModule(source: string): string {
  return "data:text/javascript," + encodeURIComponent(source);
}

/** The source of a worker's first module; `hello` is what its function is called with. */
export function bootstrap(entry: string, start: "serveThread" | "serveProcess", hello?: unknown): string {
  return `import(${JSON.stringify(entry)}).then((module) => module.${start}(${JSON.stringify(hello) ?? ""}))`;
}

/** Starts a thread. */
export function startThread(
  entry: string,
  data: unknown,
  name: string,
  events: ThreadEvents,
  resourceLimits: ResourceLimits = {},
): ThreadPort {
  const source = new URL(dataModule(bootstrap(entry, "serveThread")));
  const worker = new Worker(source, bare({ workerData: data, name, resourceLimits }));
  let failure: unknown;
  worker.on("message", (message) => events.message(message));
  worker.on("messageerror", (error) => {
    failure ??= error;
    void worker.terminate();
  });
  worker.on("error", (error) => failure ??= error);
  worker.once("exit", (code) => {
    events.exit({ code: Number(code), signal: undefined, stderr: "", error: failure });
  });
  // Listening for messages keeps the program alive, so this comes last.
  worker.unref();
  return {
    post: (message, transfer) => worker.postMessage(message, transfer as never),
    terminate: () => void worker.terminate(),
  };
}

/** Options without a prototype: what somebody put on `Object.prototype` is not for our workers. */
function bare<T extends object>(options: T): T {
  return Object.assign(Object.create(null), options);
}

/** Starts a process whose channel is two inherited pipes; `signalled` is called behind each signal sent to it. */
export function startProcess(
  command: Command,
  events: ProcessEvents,
  signalled?: (child: ChildProcess) => void,
): ProcessPort {
  // Loaded when it is needed, as most threads start no process.
  const { spawn } = process.getBuiltinModule("node:child_process");
  const child: ChildProcess = spawn(
    process.execPath,
    command.args,
    bare<SpawnOptions>({ cwd: command.cwd, env: command.env, stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"] }),
  );
  const down = child.stdio[DOWN] as net.Socket;
  const up = child.stdio[UP] as net.Socket;
  const output = follow(child.stdout!, process.stdout, events.stdout);
  const errors = follow(child.stderr!, process.stderr, events.stderr);
  for (const stream of [down, up, child.stdout, child.stderr]) {
    (stream as Partial<net.Socket> | null | undefined)?.unref?.();
  }
  // On Deno that of a process that could not be started throws.
  if (child.pid !== undefined) child.unref();
  // A worker may die at any moment: what is then written to it has nowhere to go, and that is no error here.
  down?.on("error", () => {});
  up?.on("error", () => {});
  up?.on("data", (chunk: Uint8Array) => events.data(chunk));
  onceGone(child, up, [output, errors], events.exit);
  return {
    pid: child.pid,
    write: (chunks) => {
      // Of a process that could not be started Bun has null here, the others nothing.
      if (down?.destroyed !== false) return;
      for (const chunk of chunks) down.write(chunk);
    },
    close: () => void down?.end(),
    kill: (signal) => {
      child.kill(signal);
      signalled?.(child);
    },
  };
}

/** Passes on what a process prints: to whoever asked for it, else to the program's own output. */
function follow(from: Readable, to: Writable, taker: ((chunk: Uint8Array) => void) | undefined): Output {
  return taker === undefined ? forwardLines(from, to) : collectChunks(from, taker);
}

/** Calls back once the process is gone, its channel is read to the end and its output is passed on. */
function onceGone(child: ChildProcess, up: net.Socket | undefined, outputs: Output[], exit: (exit: HostExit) => void) {
  const state: HostExit = { code: undefined, signal: undefined, stderr: "", error: undefined };
  let waitingFor = up === undefined ? 1 : 2 + outputs.length;
  let told = false;
  let drain: TimerHandle | undefined;
  const settle = (force: boolean) => {
    if (told || (--waitingFor > 0 && !force)) return;
    told = true;
    if (drain !== undefined) hostTime.stopTimer(drain);
    for (const output of outputs) output.flush();
    exit({ ...state, stderr: outputs[1]!.tail() });
  };
  child.once("error", (error) => {
    if (child.pid !== undefined) return;
    state.error = error;
    settle(true);
  });
  child.once("exit", (code, signal) => {
    state.code = code ?? undefined;
    state.signal = signal ?? undefined;
    settle(false);
    if (!told) drain = hostTime.startTimer(() => settle(true), DRAIN_LIMIT, true);
  });
  up?.once("close", () => settle(false));
  for (const output of outputs) output.onceClosed(() => settle(false));
}

/** The worker's end of a thread. */
export function parentThread(): ParentThread {
  const port = parentPort!;
  return {
    data: workerData,
    post: (message, transfer) => port.postMessage(message, transfer as never),
    listen: (message) => void port.on("message", message),
  };
}

/** The worker's end of a process. */
export function parentProcess(openDown: (descriptor: number) => net.Socket): ParentProcess {
  return {
    writeSync: (bytes) => {
      let done = 0;
      while (done < bytes.length) done += writeSome(bytes, done);
    },
    listen: (data, end) => {
      const down = openDown(DOWN);
      down.on("data", data);
      down.once("error", end);
      down.once("close", end);
    },
    watchParent: () => {
      // Asked here and now: by the time the thread runs the parent may be gone, and another in its place.
      const source = `import process from "node:process";
        setInterval(() => process.ppid === ${process.ppid} || process.kill(process.pid, "SIGKILL"), ${WATCH_INTERVAL});`;
      const worker = new Worker(new URL(dataModule(source)));
      worker.unref();
      worker.on("error", () => {});
    },
  };
}

/** Opens the inherited pipe where `net.Socket` takes a descriptor. */
export function openSocket(descriptor: number): net.Socket {
  const { Socket } = process.getBuiltinModule("node:net");
  return new Socket({ fd: descriptor, readable: true, writable: false });
}

/** Opens a connection. */
function connect({ hostname, port, tls }: SocketOptions, done: (error?: unknown) => void): Duplex {
  // Loaded when they are needed, as most programs open none.
  const socket = tls === false
    ? process.getBuiltinModule("node:net").connect({ host: hostname, port })
    : process.getBuiltinModule("node:tls").connect({
      ...nameOf(hostname),
      ...tls === true ? {} : tls,
      host: hostname,
      port,
    });
  const opened = () => {
    // From now on errors are for whoever has the connection.
    socket.off("error", done);
    socket.off("close", closed);
    done();
  };
  // One that is destroyed while it connects tells of no error.
  const closed = () => done(new Error(`Cannot connect to ${hostname}:${port} as the connection was closed`));
  socket.once(tls === false ? "connect" : "secureConnect", opened);
  socket.once("error", done);
  socket.once("close", closed);
  return socket;
}

/** The name to ask for in TLS: an address is none. */
function nameOf(hostname: string): { servername?: string } {
  return process.getBuiltinModule("node:net").isIP(hostname) === 0 ? { servername: hostname } : {};
}

/** Writes what the pipe takes. The pipe blocks unless a task changed that; then this polls. */
function writeSome(bytes: Uint8Array, start: number): number {
  try {
    return fs.writeSync(UP, bytes, start, bytes.length - start);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === "EAGAIN") return 0;
    // The parent is gone or has closed its end: nobody is left to hear.
    process.exit(1);
  }
}

/** The parts of an adapter that are the same everywhere. */
export const shared: Omit<
  Runtime,
  | "name"
  | "threadsOutliveKill"
  | "movesBuffers"
  | "errorClasses"
  | "startProcess"
  | "missingPermission"
  | "parentProcess"
> = {
  pid: process.pid,
  parallelism: parallelism(),
  longestLook: { thread: LONGEST_LOOK, process: LONGEST_LOOK },
  startThread: (entry, data, name, events) => startThread(entry, data, name, events),
  parentThread,
  dearContexts: false,
  contextStore: <T>(): ContextStore<T> => new AsyncLocalStorage<T>(),
  captureContext: () => AsyncLocalStorage.snapshot() as EnterContext,
  ...hostTime,
  uniqueId,
  TextEncoder: TextEncoder as typeof globalThis.TextEncoder,
  TextDecoder: TextDecoder as typeof globalThis.TextDecoder,
  memory: (scope) => {
    if (scope === "process") return process.memoryUsage.rss();
    const usage = process.memoryUsage();
    return usage.heapUsed + usage.external;
  },
  connect,
  afterOutput,
  exit: (code) => process.exit(code),
  catchUnhandled: (handler) => {
    process.on("uncaughtException", handler);
    process.on("unhandledRejection", handler);
  },
  beforeExit,
  onSignal: (signal, fn) => {
    process.on(signal, fn);
    return () => void process.off(signal, fn);
  },
  setExitCode: (code) => {
    process.exitCode = code;
  },
  ignoreInterrupt: () => void process.on("SIGINT", () => {}),
  printError: (error) => console.error(error),
  publish: (name, message) => {
    if (shared.watched(name)) channels[name].publish(message());
  },
  watched: (name) => channels[name].hasSubscribers,
};

/** A task that kills its own process ends it as one that exits does, so those calls are watched too. */
function beforeExit(fn: () => void): void {
  process.on("exit", fn);
  const { kill, abort } = process;
  process.kill = (pid, signal) => {
    if (pid === process.pid) fn();
    return kill.call(process, pid, signal);
  };
  process.abort = () => {
    fn();
    return abort.call(process);
  };
}

/** Held from the start, as Bun collects a channel that nobody holds, and its subscribers with it. */
const channels: Record<ChannelName, diagnostics.Channel> = {
  "heddle:task": diagnostics.channel("heddle:task"),
  "heddle:worker": diagnostics.channel("heddle:worker"),
};

/** The environment of a process: the program's, changed by what the user gave. */
export function mergeEnvironment(given: Record<string, string | undefined> | undefined): Record<string, string> {
  const merged: Record<string, string> = Object.create(null);
  for (const source of [process.env, given ?? {}]) {
    for (const key of Object.keys(source)) {
      const value = source[key];
      if (value === undefined) delete merged[key];
      else merged[key] = String(value);
    }
  }
  return merged;
}

/** The flags this program was started with that a worker process should share. */
export function inheritedFlags(): string[] {
  const flags: string[] = [];
  const ours = process.execArgv;
  for (let i = 0; i < ours.length; i++) {
    const flag = ours[i]!;
    if (
      !/^-(?:e|p|pe)$|^--(?:eval|print|test|watch|inspect|input-type|check|interactive|experimental-test|hot)/.test(
        flag,
      )
    ) {
      flags.push(flag);
      continue;
    }
    // Its value may stand behind it; left alone it would be taken for the program to run.
    const next = ours[i + 1] ?? "-";
    const isCode = /^-(?:e|p|pe)$|^--(?:eval|print)$/.test(flag) && !/^-e$|^--eval$/.test(next);
    if (isCode || (!flag.includes("=") && !next.startsWith("-"))) i++;
  }
  return flags;
}
