/**
 * What the library needs of its host. One adapter per runtime fulfils it; nothing else names a host.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** How a worker ended, as its host tells it. */
export interface HostExit {
  /** The exit code, or undefined when a signal ended it. */
  code: number | undefined;
  /** The name of the signal that ended a process. */
  signal: string | undefined;
  /** The last output on a process's standard error. */
  stderr: string;
  /** The error that ended a thread; a `StartError` if the worker could not be started. */
  error: unknown;
}

/** What a starter of threads is told about its thread. */
export interface ThreadEvents {
  /** The thread posted a message. */
  message(data: unknown): void;
  /** The thread posted a message that cannot be read here. */
  unreadable(error: unknown): void;
  /** The thread is gone; called once, and nothing is called after it. */
  exit(exit: HostExit): void;
}

/** The parent's end of a thread. It never keeps the program alive by itself. */
export interface ThreadPort {
  /** Posts a structured clone. */
  post(data: unknown, transfer: readonly unknown[]): void;
  /** Ends the thread; `exit` follows. */
  terminate(): void;
}

/** What a starter of processes is told about its process. */
export interface ProcessEvents {
  /** The process wrote to the channel. The chunk belongs to the receiver. */
  data(chunk: Uint8Array): void;
  /** The process has closed its end towards it: it is about to end, or has lost it. */
  deaf(): void;
  /** The process is gone and everything it wrote has been delivered; called once, last. */
  exit(exit: HostExit): void;
  /** Takes what the process prints to its standard output; without it that is passed on to the program's own. */
  stdout?: ((chunk: Uint8Array) => void) | undefined;
  /** The same for standard error. */
  stderr?: ((chunk: Uint8Array) => void) | undefined;
}

/** How a process is started. */
export interface ProcessStart {
  /** The module to import, absolute; its `serveProcess` is called. */
  entry: string;
  /** Modules that will be imported; on Deno a scoped read permission is passed on if it covers them. */
  modules: readonly string[];
  /** Environment variables added to those of the program; `undefined` removes one. */
  env: Record<string, string | undefined> | undefined;
  /** The working directory. */
  cwd: string | undefined;
  /** Further arguments for the runtime. */
  execArgs: readonly string[];
  /** What the process may do (Deno only): what the program may, nothing, or the flags given. */
  permissions: "inherit" | "none" | readonly string[];
  /** What `serveProcess` is called with, as JSON. */
  hello?: unknown;
}

/** The parent's end of a process. It never keeps the program alive by itself. */
export interface ProcessPort {
  readonly pid: number | undefined;
  /** Writes to the channel, without waiting; a process that is gone swallows it. */
  write(chunks: readonly Uint8Array[]): void;
  /** Closes the channel; a worker process ends when it has nothing left to do. */
  close(): void;
  /** Sends a signal. */
  kill(signal: "SIGTERM" | "SIGKILL" | "SIGINT"): void;
}

/** The worker's end of a thread. */
export interface ParentThread {
  /** What the thread was started with. It is out of reach of all other code from then on. */
  take(): unknown;
  /** Posts a structured clone to the parent. */
  post(data: unknown, transfer: readonly unknown[]): void;
  /** Says who receives what the parent posts. */
  listen(message: (data: unknown) => void): void;
  /**
   * Passes the output of this thread to `taker` instead of printing it. Left out where `console` bypasses `process.stdout`, in
   * the program and in its threads.
   */
  divertOutput?(taker: (descriptor: 1 | 2, bytes: Uint8Array) => void): void;
}

/** Passes the output of a thread on to the program's own. */
export interface ThreadOutput {
  /** Takes bytes and passes on whole lines; calls back when the output takes more. */
  print(descriptor: number, bytes: Uint8Array, passedOn: () => void): void;
  /** Passes on the last line if it has no newline. */
  flush(): void;
}

/** The worker's end of a process. */
export interface ParentProcess {
  /** Writes to the channel and returns when the system has it all: a worker that dies next loses nothing. */
  writeSync(bytes: Uint8Array): void;
  /** Says who receives what the parent writes, and who hears that the parent has closed the channel or died. */
  listen(data: (chunk: Uint8Array) => void, end: () => void): void;
  /** Starts a thread that kills this process once its parent is gone, however busy the process is. */
  watchParent(): void;
  /** Whether this process has printed since the last call. */
  printed(): boolean;
}

/** What the first module of a worker and the library know of each other. */
export interface WorkerScope {
  /** Which function the worker is to call. */
  readonly start: "serveThread" | "serveProcess";
  /** What the function is called with. */
  readonly hello: unknown;
  /** What the adapter passes on from the program, for workers that this one starts. */
  readonly program?: unknown;
  /** Whether the module that the worker was started with is still being loaded. */
  loading: boolean;
  /** Serves a pool from a thread; in a bundle no module exports it. */
  serveThread?: () => void;
  /** Serves a pool from a process. */
  serveProcess?: (hello: never) => void;
  /** Tells the pool why this worker cannot serve it. */
  refuse?: (error: unknown) => void;
}

/** A stream in both directions, and what servers of the host talk about. */
export type { Duplex, IncomingMessage, ServerResponse };

/** Where to connect to. */
export interface SocketOptions {
  /** A name or an address. */
  readonly hostname: string;
  /** A port of it. */
  readonly port: number;
  /** Whether to speak TLS, or with which options, as `tls.connect` of `node:tls` takes them. */
  readonly tls: boolean | Record<string, unknown>;
}

/** A store that follows the async context. */
export interface ContextStore<T> {
  run<R>(value: T, fn: () => R): R;
  /** Changes the value for the rest of the running code and for what follows from it. */
  enterWith(value: T): void;
  getStore(): T | undefined;
}

/** Runs a function in the async context that was captured. */
export type EnterContext = <R>(fn: () => R) => R;

/** Signals that ask a program to end. `SIGBREAK` is for Windows, `SIGHUP` and `SIGTERM` for all others. */
export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGBREAK";

/** What is published to `node:diagnostics_channel`. */
export type ChannelName = "heddle:task" | "heddle:worker";

/** A timer that was started. */
export type TimerHandle = object | number;

/** The clock, the timers and the turns of the loop. */
export interface HostTime {
  /** Milliseconds on a clock that only goes forward. */
  now(): number;
  /** Calls a function once, after at most 2^31 - 1 ms; with `unref` the program may end before. */
  startTimer(fn: () => void, delay: number, unref: boolean): TimerHandle;
  /** Stops a timer; does nothing once it has fired. */
  stopTimer(timer: TimerHandle): void;
  /** Runs a function in a later turn of the loop, after I/O that is ready. */
  defer(fn: () => void): void;
  /** Runs a function behind the code that runs now, before the next turn of the loop. It must not throw. */
  microtask(fn: () => void): void;
  /** Keeps the program alive until the returned function is called. */
  keepAlive(): () => void;
}

/** The host. */
export interface Runtime extends HostTime {
  readonly name: "deno" | "bun" | "node";
  /** What this worker was told; undefined in the program itself. */
  readonly worker: WorkerScope | undefined;
  /** The number of this process. */
  readonly pid: number;
  /** Returns a name that no other thread or process makes. */
  uniqueId(): string;
  /** The classes of the host: the environment of a test runner may be without them. */
  readonly TextEncoder: typeof TextEncoder;
  readonly TextDecoder: typeof TextDecoder;
  /** How many threads can run at once. */
  readonly parallelism: number;
  /** Whether a busy thread goes on after it was terminated. */
  readonly threadsOutliveKill: boolean;
  /** Whether posting an ArrayBuffer with transfer is faster than copying it through shared memory. */
  readonly movesBuffers: boolean;
  /** How long it pays to look for what is about to come before sleeping, in milliseconds. */
  readonly longestLook: { readonly thread: number; readonly process: number };
  /** The host's own error classes by name, beside those of the language. */
  readonly errorClasses: Readonly<Record<string, unknown>>;

  /** Starts a thread. One that cannot be started throws a `StartError`, or ends with one. */
  startThread(entry: string, data: unknown, name: string, events: ThreadEvents): ThreadPort;
  /** Starts a process. One that cannot be started throws a `StartError`, or ends with one. */
  startProcess(start: ProcessStart, events: ProcessEvents): ProcessPort;
  parentThread(): ParentThread;
  /** Creates the forwarder for the output of a thread. Left out where threads print by themselves. */
  threadOutput?(): ThreadOutput;
  parentProcess(): ParentProcess;

  /** Makes a store that follows the async context. */
  contextStore<T>(): ContextStore<T>;
  /** Returns what runs functions in the async context of this call. */
  captureContext(): EnterContext;
  /** Whether to make an async context costs more than a tiny task does, so that tasks had better share one. */
  readonly dearContexts: boolean;
  /**
   * Makes callbacks of the host leave the async context of the last import, for the one that this is called in. Left out where
   * they have contexts of their own.
   */
  forgetContext?(): Promise<unknown>;
  /** Calls back once everything that workers had printed by now has been passed on. */
  afterOutput(callback: () => void): void;
  /** Opens a connection; calls back once it is open, or with the error that kept it from being so. */
  connect(options: SocketOptions, done: (error?: unknown) => void): Duplex;
  /**
   * Whether all of a response has been sent that was given to the host's server a turn of the loop ago, as far as the program
   * is needed for that. Left out where the server tells by itself, or cannot be asked.
   */
  responseSent?(response: Response): boolean;
  /** Bytes this worker uses: of its process, or of its thread's heap and buffers. */
  memory(scope: "thread" | "process"): number;
  /** Ends this process or thread. */
  exit(code: number): void;
  /** Catches errors and rejections that nobody handles; `promise` tells a rejection. */
  catchUnhandled(handler: (error: unknown) => void): void;
  /** Runs a function when this process ends by itself, however a task does that. */
  beforeExit(fn: () => void): void;
  /** Calls back when the program, or this worker, ends by itself, until the returned function is called. */
  onExit(fn: () => void): () => void;
  /** Calls back for each signal of a kind that the program is sent, instead of ending it, until the returned function is called. */
  onSignal(signal: StopSignal, fn: () => void): () => void;
  /** Says with which code the program ends, if it ends by itself. */
  setExitCode(code: number): void;
  /** Keeps Ctrl-C from ending this process: its parent decides. */
  ignoreInterrupt(): void;
  /** Prints an error as uncaught ones are printed. */
  printError(error: unknown): void;
  /** Publishes to `node:diagnostics_channel`; the message is made only if somebody listens. */
  publish(channel: ChannelName, message: () => unknown): void;
  /** Whether anybody listens to a channel. */
  watched(channel: ChannelName): boolean;
  /** The flags that would permit what an error says is not permitted; none if it is another error. */
  missingPermissions(error: unknown): readonly string[];
}
