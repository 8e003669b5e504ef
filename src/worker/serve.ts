/**
 * The first module of a worker. It is found by its own address: a file next to the caller is not where the library is
 * once it is transpiled, bundled or served.
 *
 * @module
 */

import { joinThreads, type ThreadTable } from "../core/thread_table.ts";
import { runtime } from "../runtime/mod.ts";
import { Lookout } from "../time/lookout.ts";
import { processChannel, ProcessLink } from "../wire/process_link.ts";
import type { RingMemory } from "../wire/ring.ts";
import { threadChannel, ThreadLink } from "../wire/thread_link.ts";
import { FunctionLoader } from "./function_loader.ts";
import { Runner } from "./runner.ts";

/** The address of this module. */
export const ENTRY: string = import.meta.url;

/** What a thread is started with. */
export interface ThreadStart {
  readonly down: RingMemory;
  readonly up: RingMemory;
  readonly threads: ThreadTable;
  readonly ident: number;
}

/** Serves a pool from a thread. */
export function serveThread(): void {
  const parent = runtime.parentThread();
  const { down, up, threads, ident } = parent.data as ThreadStart;
  joinThreads(threads, ident);
  const link: ThreadLink = new ThreadLink(
    (data, transfer) => parent.post(data, transfer),
    { out: up, in: down },
    (message) => runner.receive(message),
    (fn) => runtime.defer(fn),
    () => runtime.parallelism > 1 && runner.idle,
  );
  const runner = new Runner(link, threadChannel(runtime.movesBuffers), new FunctionLoader(), () => runtime.exit(0));
  runtime.catchUnhandled((error) => runner.unhandled(error));
  parent.listen((data) => link.accept(data));
  link.drain();
}

/** Serves a pool from a process. */
export function serveProcess(): void {
  const parent = runtime.parentProcess();
  runtime.ignoreInterrupt();
  const leave = () => runtime.exit(0);
  const lookout = new Lookout({ longest: runtime.longestLook });
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
  );
  const runner = new Runner(link, processChannel, new FunctionLoader(), leave);
  runtime.catchUnhandled((error) => runner.unhandled(error));
  runtime.beforeExit(() => runner.leave());
  parent.listen((chunk) => link.accept(chunk), leave);
  parent.watchParent();
}
