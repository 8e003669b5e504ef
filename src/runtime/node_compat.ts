/**
 * The parts of the adapters that all runtimes share: threads by `node:worker_threads` and processes by
 * `node:child_process`, which all of them provide with the same events.
 *
 * On Deno and Bun the Web `Worker` is the tempting choice. On Deno it emits no event when the worker closes itself, and
 * ends the program at an uncaught error. A busy worker that was terminated keeps the program alive.
 * `node:worker_threads` has none of these faults. There it copies large values slowly, but large data travels in shared
 * memory.
 *
 * Processes communicate over two inherited pipes: descriptor 3 towards the worker, 4 back. The built-in ipc channel
 * loses messages that were sent just before an exit, and a worker that writes to it can crash its parent.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import diagnostics from "node:diagnostics_channel";
import type fs from "node:fs";
import type net from "node:net";
import process from "node:process";
import type { Duplex } from "node:stream";
import { TextDecoder, TextEncoder } from "node:util";
import {
  type MessagePort,
  parentPort,
  type ResourceLimits,
  Worker,
  workerData,
  type WorkerOptions,
} from "node:worker_threads";
import { MAX_SPIN } from "../core/spin_time.ts";
import { bare } from "./bare.ts";
import { bootstrap, dataModule } from "./bootstrap.ts";
import { hostTime } from "./host_time.ts";
import { afterOutput } from "./output.ts";
import { parallelism } from "./parallelism.ts";
import { takePrinted } from "./printed.ts";
import { DOWN, type Missing, UP } from "./process_start.ts";
import { lacksResources, StartError } from "./start_error.ts";
import type {
  ChannelName,
  ContextStore,
  EnterContext,
  ParentProcess,
  ParentThread,
  Runtime,
  SocketOptions,
  ThreadEvents,
  ThreadPort,
} from "./types.ts";
import { workerScope } from "./worker_scope.ts";
import { uniqueId } from "./unique_id.ts";

/** The interval at which a worker process checks whether its parent is alive, in milliseconds. */
const WATCH_INTERVAL = 500;

/** Options of the start of a thread. */
interface ThreadOptions {
  resourceLimits?: ResourceLimits;
  /**
   * Throws if too few descriptors are left, which would end the program; `threads` is the number of threads that are
   * about to open theirs.
   */
  requireDescriptors?: (threads: number) => void;
  /** Returns the flags that would permit the start. */
  missing?: Missing;
  /** Data about the program that the adapter needs where the thread starts workers of its own. */
  program?: unknown;
}

/** The number of threads that were started and have not sent a message yet. */
let starting = 0;

/** Starts a thread. */
export function startThread(
  entry: string,
  data: unknown,
  name: string,
  events: ThreadEvents,
  { resourceLimits = {}, requireDescriptors, missing = () => [], program }: ThreadOptions = {},
): ThreadPort {
  requireDescriptors?.(starting + 1);
  const source = new URL(dataModule(bootstrap(entry, "serveThread", undefined, program)));
  const worker = makeWorker(source, bare({ workerData: data, name, resourceLimits }), missing);
  let failure: unknown;
  let isStarting = true;
  starting++;
  const settle = () => {
    if (isStarting) starting--;
    isStarting = false;
  };
  worker.on("message", (message) => {
    settle();
    events.message(message);
  });
  worker.on("messageerror", (error) => events.unreadable(error));
  worker.on("error", (error) => failure ??= isStarting && lacksResources(error) ? new StartError(error) : error);
  worker.once("exit", (code) => {
    settle();
    events.exit({ code: Number(code), signal: undefined, stderr: "", error: failure });
  });
  // Listening for messages keeps the program alive, so `unref` comes last.
  worker.unref();
  return {
    post: (message, transfer) => worker.postMessage(message, transfer as never),
    terminate: () => void worker.terminate(),
  };
}

function makeWorker(source: URL, options: WorkerOptions, missing: Missing): Worker {
  try {
    return new Worker(source, options);
  } catch (error) {
    throw new StartError(error, { flags: missing(error) });
  }
}

/** Opens the worker's end of a thread. */
export function parentThread(): ParentThread {
  const port = parentPort!;
  return {
    take: () => {
      const taken = { ...workerData };
      for (const key of Object.keys(taken)) delete workerData[key];
      return taken;
    },
    post: (message, transfer) => port.postMessage(message, transfer as never),
    listen: (message) => {
      port.on("message", message);
      shield(port, message);
    },
  };
}

/**
 * Keeps tasks from closing the port of their thread, or from removing its listener: the thread and its pool would lose
 * their connection.
 */
function shield(port: MessagePort, listener: (data: unknown) => void): void {
  const { removeAllListeners } = port;
  Object.assign(port, {
    close: () => {},
    unref: () => port,
    removeAllListeners: (...given: [string]) => {
      removeAllListeners.apply(port, given);
      port.off("message", listener);
      port.on("message", listener);
      return port;
    },
  });
}

/** Opens the worker's end of a process. */
export function parentProcess(
  openDown: (descriptor: number) => net.Socket,
  requireChannel: () => void = () => {},
): ParentProcess {
  // Loaded only here: on Deno that takes some 30 ms.
  const { writeSync } = process.getBuiltinModule("node:fs");
  return {
    writeSync: (bytes) => {
      requireChannel();
      let done = 0;
      while (done < bytes.length) done += writeSome(writeSync, bytes, done);
    },
    listen: (data, end) => {
      const down = openDown(DOWN);
      down.on("data", data);
      down.once("error", end);
      down.once("close", end);
    },
    watchParent: () => {
      // The parent's pid is read now: when the thread runs, the parent may be gone and another process may have its
      // place.
      const source = `import process from "node:process";
        setInterval(() => process.ppid === ${process.ppid} || process.kill(process.pid, "SIGKILL"), ${WATCH_INTERVAL});`;
      const worker = new Worker(new URL(dataModule(source)));
      worker.unref();
      worker.on("error", () => {});
    },
    printed: takePrinted,
  };
}

/** Opens the inherited pipe where `net.Socket` accepts a descriptor. */
export function openSocket(descriptor: number): net.Socket {
  const { Socket } = process.getBuiltinModule("node:net");
  return new Socket({ fd: descriptor, readable: true, writable: false });
}

/** Opens a connection to a server. */
function connect({ hostname, port, tls }: SocketOptions, done: (error?: unknown) => void): Duplex {
  // Loaded at the first use, because most programs open no connection.
  const socket = tls === false
    ? process.getBuiltinModule("node:net").connect({ host: hostname, port })
    : process.getBuiltinModule("node:tls").connect({
      ...nameOf(hostname),
      ...tls === true ? {} : tls,
      host: hostname,
      port,
    });
  const opened = () => {
    // From now on, the owner of the connection handles its errors.
    socket.off("error", done);
    socket.off("close", closed);
    done();
  };
  // A socket that is destroyed while it connects emits no error.
  const closed = () => done(new Error(`Cannot connect to ${hostname}:${port}: the connection was closed`));
  socket.once(tls === false ? "connect" : "secureConnect", opened);
  socket.once("error", done);
  socket.once("close", closed);
  return socket;
}

/** Returns the server name for TLS, which must not be an IP address. */
function nameOf(hostname: string): { servername?: string } {
  return process.getBuiltinModule("node:net").isIP(hostname) === 0 ? { servername: hostname } : {};
}

/** Writes the bytes that the pipe accepts. The pipe blocks, unless a task changed that; then the caller polls. */
function writeSome(writeSync: typeof fs.writeSync, bytes: Uint8Array, start: number): number {
  try {
    return writeSync(UP, bytes, start, bytes.length - start);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === "EAGAIN") return 0;
    // The parent is gone or has closed its end: no process reads the pipe.
    process.exit(1);
  }
}

/** The parts of an adapter that are the same on all runtimes. */
export const shared: Omit<
  Runtime,
  | "name"
  | "threadsOutliveKill"
  | "movesBuffers"
  | "errorClasses"
  | "limitsThreads"
  | "startThread"
  | "startProcess"
  | "missingPermissions"
  | "parentProcess"
> = {
  worker: workerScope(),
  pid: process.pid,
  parallelism: parallelism(),
  maxSpin: { thread: MAX_SPIN, process: MAX_SPIN },
  parentThread,
  costlyAsyncContexts: false,
  servesResponses: false,
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
  onIdle: (fn) => {
    process.on("beforeExit", fn);
    return () => void process.off("beforeExit", fn);
  },
  onExit: (fn) => {
    process.on("exit", fn);
    return () => void process.off("exit", fn);
  },
  onSignal: (signal, fn) => {
    process.on(signal, fn);
    return () => void process.off(signal, fn);
  },
  endBySignal: (signal) => void process.kill(process.pid, signal),
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

/** Watches `process.kill` and `process.abort` as well: a task that kills its own process ends it as `exit` does. */
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

/** Held from the start, because Bun collects a channel without references, and its subscribers with it. */
const channels: Record<ChannelName, diagnostics.Channel> = {
  "heddle:task": diagnostics.channel("heddle:task"),
  "heddle:worker": diagnostics.channel("heddle:worker"),
};

/** Returns the environment of a process: the program's, with the changes of the caller. */
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

/** Returns the flags of this program that a worker process should inherit. */
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
    // The flag's value may follow as a separate argument, which would be taken for the program to run.
    const next = ours[i + 1] ?? "-";
    const isCode = /^-(?:e|p|pe)$|^--(?:eval|print)$/.test(flag) && !/^-e$|^--eval$/.test(next);
    if (isCode || (!flag.includes("=") && !next.startsWith("-"))) i++;
  }
  return flags;
}
