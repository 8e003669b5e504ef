/**
 * The processes that a process knows: itself, its parent, and those it has started.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import { ownProcess, type ProcessIdentity } from "../worker/identity.ts";
import { type Process, started } from "./process.ts";

/** A process, as others know it. */
export interface ProcessInfo {
  /** The number the system gave it. */
  readonly pid: number;
  /** What it is called. */
  readonly name: string;
  /** Whether the program may end without waiting for it. */
  readonly daemon: boolean;
}

/**
 * Returns the process that calls it, from any of its threads. In a worker of a pool it bears the worker's name.
 *
 * @example The first process
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
 * Returns the process that started this one; undefined in the process that the program began with.
 *
 * @example Ask from both sides
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
 * Returns the processes that the calling thread has started and that are alive, in the order of their start; without the
 * workers of pools. Stale when read.
 *
 * @example One while it runs
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
 * Returns how many threads or processes can run at once: the default for `maxWorkers`.
 *
 * @example At least one
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
