/**
 * The identity of this thread and of this process, as their starter assigned it.
 *
 * @module
 */

import { MAIN_NAME } from "../core/thread_table.ts";
import { runtime } from "../runtime/mod.ts";

/** The name of a thread or process, and whether the program waits for it. */
export interface Named {
  readonly name: string;
  readonly daemon: boolean;
}

/** A process as other processes see it. */
export interface ProcessIdentity extends Named {
  readonly pid: number;
  /** The process that started it; undefined for the main process. */
  readonly parent: ProcessIdentity | undefined;
}

/** The identity that a worker process receives at its start. */
export interface ProcessHello extends Named {
  readonly parent: ProcessIdentity;
  /** Distinguishes the frames of its channel from other bytes. */
  readonly key: number;
}

let thread: Named = { name: MAIN_NAME, daemon: false };
let inProcess: ProcessIdentity = { name: "MainProcess", daemon: false, pid: runtime.pid, parent: undefined };

/** Returns the identity of this thread. */
export function ownThread(): Named {
  return thread;
}

/** Returns the identity of this thread's process. */
export function ownProcess(): ProcessIdentity {
  return inProcess;
}

/** Sets the identity of this thread. */
export function becomeThread(told: Named, process: ProcessIdentity): void {
  thread = told;
  inProcess = process;
}

/** Sets the identity of this process. */
export function becomeProcess({ name, daemon, parent }: ProcessHello): void {
  inProcess = { name, daemon, pid: runtime.pid, parent };
}

/** Promises that delay the end of this worker after it was told to leave. */
const kept = new Set<Promise<void>>();

/** Delays the end of this worker, if it is told to leave, until a promise is fulfilled. */
export function keepUntil(ended: Promise<void>): void {
  kept.add(ended);
  void ended.then(() => kept.delete(ended));
}

/** Waits until no such promise is pending; undefined if there is none. */
export function unkept(): Promise<void> | undefined {
  if (kept.size === 0) return undefined;
  return Promise.all(kept).then(() => unkept());
}
