// The tasks of dynamic_pool.ts, apply_async.ts and as_completed.ts. They have a module of their own, as every worker loads it.

import process from "node:process";
import { delay } from "@std/async";
import { type Task, task } from "@heddle/heddle/task";

/** Takes some milliseconds for a message, and returns the id of the process that did. */
export const handle: Task<[time: number], Promise<number>> = task(
  import.meta,
  async function handle(time: number): Promise<number> {
    await delay(time);
    return process.pid;
  },
);

/** Takes some milliseconds for the square root of a number. */
export const root: Task<[n: number, time: number], Promise<number>> = task(
  import.meta,
  async function root(n: number, time: number): Promise<number> {
    await delay(time);
    if (n < 0) throw new RangeError(`${n} has no root`);
    return Math.sqrt(n);
  },
);

/** Takes some milliseconds, and returns its number. */
export const takeTime: Task<[number: number, time: number], Promise<number>> = task(
  import.meta,
  async function takeTime(number: number, time: number): Promise<number> {
    await delay(time);
    return number;
  },
);
