/**
 * The first module of a worker. It is found by its own address: a file next to the caller is not where the library is
 * once it is transpiled, bundled or served.
 *
 * @module
 */

import { BUNDLED } from "../core/bundled.ts";
import { InvalidStateError } from "../core/errors.ts";
import { joinThreads } from "../core/thread_table.ts";
import { runtime } from "../runtime/mod.ts";
import type { ParentProcess, WorkerScope } from "../runtime/types.ts";
import { contexts, forgetLoading } from "../task/current.ts";
import { Lookout } from "../time/lookout.ts";
import { reportUnobserved, reportWhenIdle } from "../futures/unobserved.ts";
import * as op from "../wire/message.ts";
import { type Link, MessageWriter } from "../wire/message.ts";
import { processChannel, ProcessLink } from "../wire/process_link.ts";
import { PrintQuota } from "../wire/print_quota.ts";
import type { RingMemory } from "../wire/ring.ts";
import { threadChannel, ThreadLink } from "../wire/thread_link.ts";
import { FunctionLoader } from "./function_loader.ts";
import {
  becomeProcess,
  becomeThread,
  type Named,
  type ProcessHello,
  type ProcessIdentity,
  unkept,
} from "./identity.ts";
import { Runner } from "./runner.ts";

/** The address of this module. */
export const ENTRY: string = import.meta.url;

/**
 * Returns the address of this module.
 *
 * @throws {TypeError} if there is none, as in a bundle that is no ES module.
 */
export function requireEntry(): string {
  if (typeof ENTRY === "string") return ENTRY;
  throw new TypeError("Cannot start a worker of a bundle without import.meta.url: build it as an ES module");
}

/**
 * What a thread is started with. It holds memory and no views of it: Deno copies a view number by number when a thread
 * starts, which for these takes longer than all the rest.
 */
export interface ThreadStart {
  readonly down: RingBuffers;
  readonly up: RingBuffers;
  /** What only the two ends of the channel know. */
  readonly mark: number;
  readonly threads: SharedArrayBuffer;
  /** The memory of its {@linkcode PrintQuota}; undefined if it prints by itself. */
  readonly printing: SharedArrayBuffer | undefined;
  readonly ident: number;
  readonly named: Named;
  readonly process: ProcessIdentity;
}

/** The memory of a ring. */
interface RingBuffers {
  readonly control: SharedArrayBuffer;
  readonly data: SharedArrayBuffer;
}

/** Takes the views off what a thread is started with. */
export function buffersOf({ control, data }: RingMemory): RingBuffers {
  return { control: control.buffer as SharedArrayBuffer, data: data.buffer as SharedArrayBuffer };
}

function viewsOf({ control, data }: RingBuffers): RingMemory {
  return { control: new Int32Array(control), data: new Uint8Array(data) };
}

/** Serves a pool from a thread. */
export function serveThread(): void {
  serve(() => openThread());
}

/** Serves a pool from a process. */
export function serveProcess(hello: ProcessHello): void {
  serve(() => openProcess(hello));
}

/** The worker's side of its pool. */
interface Side {
  readonly runner: Runner;
  /** Takes what the pool sends from now on. */
  listen(): void;
}

const scope: WorkerScope | undefined = runtime.worker;
let side: Side | undefined;
/** Uncaught errors from before this worker had a link to its pool. */
const early: unknown[] = [];
let refusal: unknown;

/** The way to the pool of a process. It opens at once, as in a bundle the main program runs before the worker serves. */
const parentProcess: ParentProcess | undefined = scope?.start === "serveProcess" ? runtime.parentProcess() : undefined;

if (scope !== undefined) {
  scope.serveThread = serveThread;
  scope.serveProcess = serveProcess;
  scope.refuse = refuse;
  runtime.catchUnhandled(unhandled);
  parentProcess?.watchParent();
}

/** Everything the worker does for its pool is outside the context in which its modules are loaded. */
function serve(open: () => Side): void {
  if (scope === undefined) throw new InvalidStateError("Cannot serve a pool from the program itself");
  scope.loading = false;
  if (BUNDLED) void forgetLoading();
  contexts.run(undefined, () => {
    side ??= open();
    const { runner } = side;
    reportWhenIdle(() => runner.idle);
    side.listen();
    for (const error of early.splice(0)) unhandled(error);
  });
}

/** Tells the pool why this worker cannot serve it; only the first reason counts. */
function refuse(error: unknown): void {
  if (side !== undefined) return;
  refusal = error;
  contexts.run(undefined, () => {
    side = parentProcess === undefined ? openThread() : openProcess(scope!.hello as ProcessHello);
    side.runner.report(op.REFUSED, error);
  });
}

function unhandled(error: unknown): void {
  // The pool was told of it.
  if (error === refusal && error !== undefined) return;
  if (side === undefined) early.push(error);
  else side.runner.unhandled(error);
}

function openThread(): Side {
  const parent = runtime.parentThread();
  const { down, up, mark, threads, printing, ident, named, process } = parent.take() as ThreadStart;
  joinThreads(new Int32Array(threads), ident);
  becomeThread(named, process);
  const link: ThreadLink = new ThreadLink(
    (data, transfer) => parent.post(data, transfer),
    { out: viewsOf(up), in: viewsOf(down), mark },
    (message) => runner.receive(message),
    (fn) => runtime.defer(fn),
    { idle: () => runtime.parallelism > 1 && runner.idle, longestLook: runtime.longestLook.thread },
  );
  if (printing !== undefined) parent.divertOutput?.(printer(link, new PrintQuota(printing)));
  const channel = { ...threadChannel(runtime.movesBuffers), rouse: () => link.rouse() };
  const runner = new Runner(link, channel, new FunctionLoader(), () => leaveInTime(link));
  return {
    runner,
    listen: () => {
      parent.listen((data) => link.accept(data));
      link.drain();
    },
  };
}

/** Returns a function that sends the thread's output to the pool, in order with its results, which likewise survive the thread. */
function printer(link: Link, quota: PrintQuota): (descriptor: 1 | 2, bytes: Uint8Array) => void {
  const writer = new MessageWriter();
  return (descriptor, bytes) => {
    quota.take(bytes.length);
    const record = writer.record(op.OUTPUT);
    record.u8(descriptor);
    record.u32(bytes.length);
    record.raw(bytes);
    link.send(writer.take());
  };
}

function openProcess(hello: ProcessHello): Side {
  becomeProcess(hello);
  const parent = parentProcess!;
  runtime.ignoreInterrupt();
  const leave = () => runtime.exit(0);
  const lookout = new Lookout({ longest: runtime.longestLook.process });
  const channel: ProcessLink = new ProcessLink(
    (chunks) => {
      chunks.forEach((chunk) => parent.writeSync(chunk));
      if (runner.idle) lookout.expect();
    },
    (message) => {
      lookout.arrived();
      runner.receive(message);
    },
    leave,
    hello.key,
  );
  const printed = new MessageWriter();
  const link: Link = {
    send: (message) => {
      if (parent.printed()) {
        printed.record(op.PRINTED);
        channel.send(printed.take());
      }
      channel.send(message);
    },
  };
  const runner = new Runner(link, processChannel, new FunctionLoader(), () => leaveInTime(link));
  return {
    runner,
    listen: () => {
      runtime.beforeExit(() => runner.leave());
      parent.listen((chunk) => channel.accept(chunk), leave);
    },
  };
}

/** Ends this worker once what its tasks have started, and the program waits for, has ended. */
function leaveInTime(link: Link): void {
  const kept = unkept();
  reportUnobserved();
  if (kept === undefined) return runtime.exit(0);
  // Says that it was heard, so that nobody loses patience.
  const writer = new MessageWriter();
  writer.record(op.PONG);
  link.send(writer.take());
  void kept.then(() => runtime.exit(0));
}
