/**
 * The processes that a process knows: itself, its parent, and those it has started.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import { ownProcess, type ProcessIdentity } from "../worker/identity.ts";
import { type Process, started } from "./process.ts";

/** A description of a process. */
export interface ProcessInfo {
  /** The process id. */
  readonly pid: number;
  /** The name of the process. */
  readonly name: string;
  /** Whether the program may end without waiting for the process. */
  readonly daemon: boolean;
}

/**
 * Returns the calling process, from any of its threads. In a pool worker, the process has the worker's name.
 *
 * @example Read the properties of the main process
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { currentProcess } from "@heddle/heddle";
 *
 * assertEquals([currentProcess().name, currentProcess().daemon], ["MainProcess", false]);
 * ```
 */
export function currentProcess(): ProcessInfo {
  return infoOf(ownProcess());
}

/**
 * Returns the process that started this process; undefined in the main process.
 *
 * @example Ask in the main process
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { currentProcess, parentProcess } from "@heddle/heddle";
 *
 * assertEquals(currentProcess().name, "MainProcess");
 * assertEquals(parentProcess(), undefined);
 * ```
 */
export function parentProcess(): ProcessInfo | undefined {
  const { parent } = ownProcess();
  return parent && infoOf(parent);
}

/**
 * Returns the living processes that the calling thread has started, in order of their start. Pool workers are not
 * included. The list may be stale when it is read.
 *
 * @example List a running process
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { activeChildren, inline, Process } from "@heddle/heddle";
 *
 * const process = new Process(inline(() => {})).start();
 * assertEquals(activeChildren(), [process]);
 * await process.join();
 * assertEquals(activeChildren(), []);
 * ```
 */
export function activeChildren(): Process<unknown>[] {
  return [...started];
}

/**
 * Returns how many threads or processes can run at once. This is the default of `maxWorkers`.
 *
 * @example Read the number
 * ```ts
 * import { assert } from "@std/assert";
 * import { cpuCount } from "@heddle/heddle";
 *
 * assert(cpuCount() >= 1);
 * ```
 */
export function cpuCount(): number {
  return runtime.parallelism;
}

function infoOf({ pid, name, daemon }: ProcessIdentity): ProcessInfo {
  return { pid, name, daemon };
}
