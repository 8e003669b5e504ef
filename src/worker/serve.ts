/**
 * The first module of a worker. It is found by its own address: a file next to the caller is not where the library is
 * once it is transpiled, bundled or served.
 *
 * @module
 */

import { joinThreads } from "../core/thread_table.ts";
import { runtime } from "../runtime/mod.ts";
import { Lookout } from "../time/lookout.ts";
import * as op from "../wire/message.ts";
import { type Link, MessageWriter } from "../wire/message.ts";
import { processChannel, ProcessLink } from "../wire/process_link.ts";
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
 * What a thread is started with. It holds memory and no views of it: Deno copies a view number by number when a thread
 * starts, which for these takes longer than all the rest.
 */
export interface ThreadStart {
  readonly down: RingBuffers;
  readonly up: RingBuffers;
  /** What only the two ends of the channel know. */
  readonly mark: number;
  readonly threads: SharedArrayBuffer;
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
  const parent = runtime.parentThread();
  const { down, up, mark, threads, ident, named, process } = parent.take() as ThreadStart;
  joinThreads(new Int32Array(threads), ident);
  becomeThread(named, process);
  const link: ThreadLink = new ThreadLink(
    (data, transfer) => parent.post(data, transfer),
    { out: viewsOf(up), in: viewsOf(down), mark },
    (message) => runner.receive(message),
    (fn) => runtime.defer(fn),
    { idle: () => runtime.parallelism > 1 && runner.idle, longestLook: runtime.longestLook.thread },
  );
  const channel = { ...threadChannel(runtime.movesBuffers), rouse: () => link.rouse() };
  const runner = new Runner(link, channel, new FunctionLoader(), () => leaveInTime(link));
  runtime.catchUnhandled((error) => runner.unhandled(error));
  parent.listen((data) => link.accept(data));
  link.drain();
}

/** Serves a pool from a process. */
export function serveProcess(hello: ProcessHello): void {
  becomeProcess(hello);
  const parent = runtime.parentProcess();
  runtime.ignoreInterrupt();
  const leave = () => runtime.exit(0);
  const lookout = new Lookout({ longest: runtime.longestLook.process });
  const link: ProcessLink = new ProcessLink(
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
  const runner = new Runner(link, processChannel, new FunctionLoader(), () => leaveInTime(link));
  runtime.catchUnhandled((error) => runner.unhandled(error));
  runtime.beforeExit(() => runner.leave());
  parent.listen((chunk) => link.accept(chunk), leave);
  parent.watchParent();
}

/** Ends this worker once what its tasks have started, and the program waits for, has ended. */
function leaveInTime(link: Link): void {
  const kept = unkept();
  if (kept === undefined) return runtime.exit(0);
  // Says that it was heard, so that nobody loses patience.
  const writer = new MessageWriter();
  writer.record(op.PONG);
  link.send(writer.take());
  void kept.then(() => runtime.exit(0));
}
