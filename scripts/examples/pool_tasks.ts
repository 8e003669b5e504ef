// Tasks of dynamic_pool.ts, apply_async.ts and as_completed.ts, in a module of their own: every worker loads it.

import process from "node:process";
import { delay } from "@std/async";
import { type Task, task } from "@heddle/heddle/task";

/** Handles a message for `time` milliseconds, and returns the id of the process. */
export const handle: Task<[time: number], Promise<number>> = task(
  import.meta,
  async function handle(time: number): Promise<number> {
    await delay(time);
    return process.pid;
  },
);

/** Returns the square root of a number after `time` milliseconds. */
export const root: Task<[n: number, time: number], Promise<number>> = task(
  import.meta,
  async function root(n: number, time: number): Promise<number> {
    await delay(time);
    if (n < 0) throw new RangeError(`${n} has no root`);
    return Math.sqrt(n);
  },
);

/** Returns its number after `time` milliseconds. */
export const takeTime: Task<[number: number, time: number], Promise<number>> = task(
  import.meta,
  async function takeTime(number: number, time: number): Promise<number> {
    await delay(time);
    return number;
  },
);
