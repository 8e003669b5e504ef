// Defines tasks that inspect or start threads and processes.

import { appendFileSync, readFileSync } from "node:fs";
import process from "node:process";
import type { Semaphore } from "../../src/sync/mod.ts";
import { currentProcess, parentProcess, Process, type ProcessInfo } from "../../src/process/mod.ts";
import { current, type Task, task } from "../../src/task/mod.ts";
import { currentThread, mainThread, Thread, threads, WorkerLocal } from "../../src/thread/mod.ts";
import { rest } from "../fixtures/fault_tasks.ts";

/** Returns the properties of the current thread. */
export interface Sight {
  own: [string, number | undefined, boolean, boolean];
  main: [string, number | undefined, boolean, boolean];
  same: boolean;
  all: string[];
}

export const look: Task<[], Sight> = task(import.meta, function look(): Sight {
  return {
    own: features(currentThread()),
    main: features(mainThread()),
    same: currentThread() === currentThread() && currentThread() instanceof Thread,
    all: threads().map(({ name }) => name),
  };
});

/** Calls methods that a thread must not call on itself, and returns the errors. */
export const reachForItself: Task<[], Promise<string[]>> = task(
  import.meta,
  async function reachForItself(): Promise<string[]> {
    const errors: string[] = [];
    const keep = (error: Error) => void errors.push(`${error.name}: ${error.message}`);
    await currentThread().join().catch(keep);
    await currentThread().terminate().catch(keep);
    try {
      currentThread().start();
    } catch (error) {
      keep(error as Error);
    }
    return errors;
  },
);

/** Returns the properties of the current process. */
export const lookAround: Task<[], [ProcessInfo, ProcessInfo | undefined]> = task(
  import.meta,
  function lookAround(): [ProcessInfo, ProcessInfo | undefined] {
    return [currentProcess(), parentProcess()];
  },
);

/** Starts another one of the same kind without waiting for it; returns whether that is a daemon. */
export const leaveBehind: Task<["Thread" | "Process", number, Int32Array | string], boolean> = task(
  import.meta,
  function leaveBehind(kind: "Thread" | "Process", duration: number, mark: Int32Array | string): boolean {
    const inner = kind === "Thread"
      ? new Thread(markLater, [duration, mark])
      : new Process(markLater, [duration, mark]);
    return inner.start().daemon;
  },
);

/** Sets a cell, or creates a file, after a delay. */
export const markLater: Task<[number, Int32Array | string], Promise<void>> = task(
  import.meta,
  async function markLater(duration: number, mark: Int32Array | string): Promise<void> {
    await rest(duration);
    if (typeof mark !== "string") Atomics.store(mark, 0, 1);
    else (await import("node:fs")).writeFileSync(mark, "");
  },
);

const local = new WorkerLocal(() => ({ thread: currentThread().name, calls: 0 }));

/** Counts the calls in this thread. */
export const countCalls: Task<[], { thread: string; calls: number }> = task(import.meta, function countCalls() {
  local.get().calls++;
  return local.get();
});

/** Waits for SIGINT and its signal, and returns the name and message of the signal's reason. */
export const hearInterrupt: Task<[], Promise<string[]>> = task(
  import.meta,
  async function hearInterrupt(): Promise<string[]> {
    const { default: process } = await import("node:process");
    const heard = new Promise<void>((resolve) => process.once("SIGINT", () => resolve()));
    const { signal, progress } = current()!;
    const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    progress.call(current(), "started");
    await Promise.all([heard, aborted]);
    return [(signal.reason as Error).name, (signal.reason as Error).message];
  },
);

/** Reports its start, then blocks its loop for ever. */
export const spinAloud: Task<[], never> = task(import.meta, function spinAloud(): never {
  current()!.progress("started");
  for (;;);
});

/** Ignores SIGTERM. */
export const refuseTerm: Task<[], Promise<never>> = task(import.meta, async function refuseTerm(): Promise<never> {
  const { default: process } = await import("node:process");
  process.on("SIGTERM", () => {});
  current()!.progress("started");
  setInterval(() => {}, 1000);
  return await new Promise<never>(() => {});
});

function features({ name, ident, daemon, alive }: Thread<unknown>): [string, number | undefined, boolean, boolean] {
  return [name, ident, daemon, alive];
}

/** Writes down each run, and fails before the given one: it throws, or ends its worker. Returns the number of the run. */
export const failUntil: Task<[string, number, "throw" | "exit"], number> = task(
  import.meta,
  function failUntil(log: string, run: number, how: "throw" | "exit"): number {
    appendFileSync(log, ".");
    const runs = readFileSync(log, "utf8").length;
    if (runs >= run) return runs;
    if (how === "exit") process.exit(0);
    throw new Error(`run ${runs}`);
  },
);

/** Takes a permit for good, adds to its own list, and fails the first time. */
export const grow: Task<[string, number[], Semaphore], Promise<number[]>> = task(
  import.meta,
  async function grow(log: string, list: number[], semaphore: Semaphore): Promise<number[]> {
    await semaphore.acquire();
    appendFileSync(log, ".");
    list.push(0);
    if (readFileSync(log, "utf8").length === 1) throw new Error("first run");
    return list;
  },
);
