/**
 * The interface between the library and its host. One adapter per runtime implements it; no other code names a host.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** How a worker ended, as reported by its host. */
export interface HostExit {
  /** The exit code, or undefined if a signal ended it. */
  code: number | undefined;
  /** The name of the signal that ended a process. */
  signal: string | undefined;
  /** The last output on a process's standard error. */
  stderr: string;
  /** The error that ended a thread; a `StartError` if the worker could not be started. */
  error: unknown;
}

/** The events of a thread, for the code that started it. */
export interface ThreadEvents {
  /** The thread has posted a message. */
  message(data: unknown): void;
  /** The thread has posted a message that cannot be read here. */
  unreadable(error: unknown): void;
  /** The thread is gone; called once, after all other events. */
  exit(exit: HostExit): void;
}

/** The parent's end of a thread. It does not keep the program alive. */
export interface ThreadPort {
  /** Posts a structured clone. */
  post(data: unknown, transfer: readonly unknown[]): void;
  /** Ends the thread; `exit` follows. */
  terminate(): void;
}

/** The events of a process, for the code that started it. */
export interface ProcessEvents {
  /** The process wrote to the channel. The receiver owns the chunk. */
  data(chunk: Uint8Array): void;
  /** The process has closed the end from which it reads: it is about to end, or has lost the descriptor. */
  deaf(): void;
  /** The process is gone and all its data has been delivered; called once, last. */
  exit(exit: HostExit): void;
  /** Receives the standard output of the process; if missing, the output is forwarded to the program's own. */
  stdout?: ((chunk: Uint8Array) => void) | undefined;
  /** Receives the standard error of the process, in the same way. */
  stderr?: ((chunk: Uint8Array) => void) | undefined;
}

/** The parameters of a process's start. */
export interface ProcessStart {
  /** The absolute URL of the module to import; its `serveProcess` is called. */
  entry: string;
  /** Modules that the process will import; on Deno a read permission for folders is passed on if it covers them. */
  modules: readonly string[];
  /** Changes to the environment variables of the program; `undefined` removes one. */
  env: Record<string, string | undefined> | undefined;
  /** The working directory. */
  cwd: string | undefined;
  /** Further arguments for the runtime. */
  execArgs: readonly string[];
  /** The permissions of the process (Deno only): those of the program, none, or the given flags. */
  permissions: "inherit" | "none" | readonly string[];
  /** The argument of `serveProcess`, serialized as JSON. */
  hello?: unknown;
}

/** The parent's end of a process. It does not keep the program alive. */
export interface ProcessPort {
  readonly pid: number | undefined;
  /** Writes to the channel without waiting; data for a process that is gone is dropped. */
  write(chunks: readonly Uint8Array[]): void;
  /** Closes the channel; a worker process then ends when its work is done. */
  close(): void;
  /** Sends a signal. */
  kill(signal: "SIGTERM" | "SIGKILL" | "SIGINT"): void;
}

/** The worker's end of a thread. */
export interface ParentThread {
  /** Returns the start data of the thread. No other code can read it afterwards. */
  take(): unknown;
  /** Posts a structured clone to the parent. */
  post(data: unknown, transfer: readonly unknown[]): void;
  /** Sets the receiver of the parent's messages. */
  listen(message: (data: unknown) => void): void;
  /**
   * Passes the output of this thread to `taker` instead of printing it.
   */
  divertOutput?(taker: (descriptor: 1 | 2, bytes: Uint8Array) => void): void;
}

/** Limits of a thread's engine, in megabytes, as Node takes them. */
export interface ResourceLimits {
  /** The maximum heap for old objects. */
  maxOldGenerationSizeMb?: number | undefined;
  /** The maximum heap for young objects. */
  maxYoungGenerationSizeMb?: number | undefined;
  /** The maximum memory for generated code. */
  codeRangeSizeMb?: number | undefined;
  /** The maximum stack. */
  stackSizeMb?: number | undefined;
}

/** Forwards the output of a thread to the program's own. */
export interface ThreadOutput {
  /** Forwards whole lines; calls back when the output accepts more. */
  print(descriptor: number, bytes: Uint8Array, passedOn: () => void): void;
  /** Forwards the last line if it has no newline. */
  flush(): void;
}

/** The worker's end of a process. */
export interface ParentProcess {
  /** Writes to the channel and returns when the system has all bytes: if the worker dies next, they are not lost. */
  writeSync(bytes: Uint8Array): void;
  /** Sets the receiver of the parent's data, and a callback for the parent's death or the end of the channel. */
  listen(data: (chunk: Uint8Array) => void, end: () => void): void;
  /** Starts a thread that kills this process once its parent is gone, even if the process is busy. */
  watchParent(): void;
  /** Whether this process has printed since the last call. */
  printed(): boolean;
}

/** The state that a worker's first module and the library share. */
export interface WorkerScope {
  /** The function that the worker calls. */
  readonly start: "serveThread" | "serveProcess";
  /** The argument of the function. */
  readonly hello: unknown;
  /** The adapter's data about the program, for workers that this one starts. */
  readonly program?: unknown;
  /** Whether the module with which the worker was started is still being loaded. */
  loading: boolean;
  /** Serves a pool from a thread; in a bundle no module exports the function. */
  serveThread?: () => void;
  /** Serves a pool from a process. */
  serveProcess?: (hello: never) => void;
  /** Reports to the pool why this worker cannot serve it. */
  refuse?: (error: unknown) => void;
}

/** A duplex stream, and the requests and responses of the host's servers. */
export type { Duplex, IncomingMessage, ServerResponse };

/** The address of a server. */
export interface SocketOptions {
  /** A host name or an IP address. */
  readonly hostname: string;
  readonly port: number;
  /** Whether to use TLS, or the options of `tls.connect` in `node:tls`. */
  readonly tls: boolean | Record<string, unknown>;
}

/** A store that follows the async context. */
export interface ContextStore<T> {
  run<R>(value: T, fn: () => R): R;
  /** Changes the value for the rest of the running code and for its callbacks. */
  enterWith(value: T): void;
  getStore(): T | undefined;
}

/** Runs a function in a captured async context. */
export type EnterContext = <R>(fn: () => R) => R;

/** Signals that ask a program to end. `SIGBREAK` is for Windows, `SIGHUP` and `SIGTERM` for all others. */
export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGBREAK";

/** The channels of `node:diagnostics_channel` on which the library publishes. */
export type ChannelName = "heddle:task" | "heddle:worker";

/** A timer that was started. */
export type TimerHandle = object | number;

/** The clock, the timers and the turns of the event loop. */
export interface HostTime {
  /** Returns milliseconds on a monotonic clock. */
  now(): number;
  /** Calls a function once, after at most 2^31 - 1 ms. With `unref` the timer does not keep the program alive. */
  startTimer(fn: () => void, delay: number, unref: boolean): TimerHandle;
  /** Stops a timer; does nothing once it has fired. */
  stopTimer(timer: TimerHandle): void;
  /** Runs a function in a later turn of the event loop, after I/O that is ready. */
  defer(fn: () => void): void;
  /** Runs a function after the running code, before the next turn of the event loop. It must not throw. */
  microtask(fn: () => void): void;
  /** Keeps the program alive until the returned function is called. */
  keepAlive(): () => void;
}

/** The host. */
export interface Runtime extends HostTime {
  readonly name: "deno" | "bun" | "node";
  /** The state of this worker; undefined in the main program. */
  readonly worker: WorkerScope | undefined;
  /** The id of this process. */
  readonly pid: number;
  /** Returns an id that is unique among all threads and processes. */
  uniqueId(): string;
  /** The classes of the host, which test environments may lack. */
  readonly TextEncoder: typeof TextEncoder;
  readonly TextDecoder: typeof TextDecoder;
  /** The number of threads that can run at once. */
  readonly parallelism: number;
  /** Whether a busy thread continues after it was terminated. */
  readonly threadsOutliveKill: boolean;
  /** Whether threads may be given limits. */
  readonly limitsThreads: boolean;
  /** Whether posting an ArrayBuffer with transfer is faster than copying it through shared memory. */
  readonly movesBuffers: boolean;
  /** The longest useful spin before a thread or process sleeps, in milliseconds. */
  readonly maxSpin: { readonly thread: number; readonly process: number };
  /** The host's own error classes by name, in addition to those of the language. */
  readonly errorClasses: Readonly<Record<string, unknown>>;

  /** Starts a thread. If it cannot be started, this throws a `StartError`, or the thread ends with one. */
  startThread(
    entry: string,
    data: unknown,
    name: string,
    events: ThreadEvents,
    resourceLimits?: ResourceLimits,
  ): ThreadPort;
  /** Starts a process. If it cannot be started, this throws a `StartError`, or the process ends with one. */
  startProcess(start: ProcessStart, events: ProcessEvents): ProcessPort;
  parentThread(): ParentThread;
  /** Creates the forwarder for the output of a thread. Missing if threads print by themselves. */
  threadOutput?(): ThreadOutput;
  parentProcess(): ParentProcess;

  /** Makes a store that follows the async context. */
  contextStore<T>(): ContextStore<T>;
  /** Returns a function that runs functions in the current async context. */
  captureContext(): EnterContext;
  /** Whether creating an async context costs more than a tiny task, so that tasks should share one. */
  readonly costlyAsyncContexts: boolean;
  /**
   * Makes callbacks of the host leave the async context of the last import and enter the current one. Missing if such
   * callbacks have contexts of their own.
   */
  forgetContext?(): Promise<unknown>;
  /** Calls back once all output that workers had printed by now has been forwarded. */
  afterOutput(callback: () => void): void;
  /** Opens a connection; calls back once it is open, or with the error. */
  connect(options: SocketOptions, done: (error?: unknown) => void): Duplex;
  /** Whether the host has a server that takes responses, and reads the body inside them. */
  readonly servesResponses: boolean;
  /**
   * Whether the program has produced all of a response that it gave to the host's server in an earlier turn of the
   * event loop. Missing if the server reports this itself, or cannot be asked.
   */
  responseSent?(response: Response): boolean;
  /** Returns the memory in use, in bytes: of this process, or of this thread's heap and buffers. */
  memory(scope: "thread" | "process"): number;
  /** Ends this process or thread. */
  exit(code: number): void;
  /** Catches uncaught errors and unhandled rejections. */
  catchUnhandled(handler: (error: unknown) => void): void;
  /** Runs a function when this process ends by itself, by whichever call of a task. */
  beforeExit(fn: () => void): void;
  /** Calls back when the program has nothing left to do, until the returned function is called. It may go on then. */
  onIdle(fn: () => void): () => void;
  /** Calls back when the program, or this worker, ends by itself, until the returned function is called. */
  onExit(fn: () => void): () => void;
  /** Calls back for each signal of a kind instead of ending the program, until the returned function is called. */
  onSignal(signal: StopSignal, fn: () => void): () => void;
  /** Ends this process by a signal. */
  endBySignal(signal: StopSignal): void;
  /** Sets the exit code for a program that ends by itself. */
  setExitCode(code: number): void;
  /** Keeps Ctrl-C from ending this process: its parent decides. */
  ignoreInterrupt(): void;
  /** Prints an error as the host prints uncaught ones. */
  printError(error: unknown): void;
  /** Publishes to `node:diagnostics_channel`; the message is made only if the channel has subscribers. */
  publish(channel: ChannelName, message: () => unknown): void;
  /** Whether a channel has subscribers. */
  watched(channel: ChannelName): boolean;
  /** Returns the flags that would permit the failed operation; none if the error is not about a permission. */
  missingPermissions(error: unknown): readonly string[];
}
