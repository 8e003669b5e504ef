/**
 * Who this thread and this process are: what they were told when they were started.
 *
 * @module
 */

import { MAIN_NAME } from "../core/thread_table.ts";
import { runtime } from "../runtime/mod.ts";

/** What a thread or a process is called, and whether the program waits for it. */
export interface Named {
  readonly name: string;
  readonly daemon: boolean;
}

/** A process, as others know it. */
export interface ProcessIdentity extends Named {
  readonly pid: number;
  /** The process that started it; undefined for the one the program began with. */
  readonly parent: ProcessIdentity | undefined;
}

/** What a worker process is told. */
export interface ProcessHello extends Named {
  readonly parent: ProcessIdentity;
  /** Tells the frames of its channel from all others. */
  readonly key: number;
}

let thread: Named = { name: MAIN_NAME, daemon: false };
let here: ProcessIdentity = { name: "MainProcess", daemon: false, pid: runtime.pid, parent: undefined };

/** This thread. */
export function ownThread(): Named {
  return thread;
}

/** The process this thread is in. */
export function ownProcess(): ProcessIdentity {
  return here;
}

/** Takes over what this thread was told. */
export function becomeThread(told: Named, process: ProcessIdentity): void {
  thread = told;
  here = process;
}

/** Takes over what this process was told. */
export function becomeProcess({ name, daemon, parent }: ProcessHello): void {
  here = { name, daemon, pid: runtime.pid, parent };
}

/** What keeps this worker although it was told to leave: each has ended when its promise is fulfilled. */
const kept = new Set<Promise<void>>();

/** Keeps this worker, should it be told to leave, until something it has started has ended. */
export function keepUntil(ended: Promise<void>): void {
  kept.add(ended);
  void ended.then(() => kept.delete(ended));
}

/** Waits until nothing keeps this worker; undefined if nothing does. */
export function unkept(): Promise<void> | undefined {
  if (kept.size === 0) return undefined;
  return Promise.all(kept).then(() => unkept());
}
