// The task of pid_and_memory.ts. It has a module of its own, as every worker loads the module its task is in.

import process from "node:process";
import type { SharedValue } from "@heddle/heddle/shared";
import { type Task, task } from "@heddle/heddle/task";

/** A variable of the module. Each thread and each process loads the module anew, so each has a variable of its own. */
let count = 0;

/** What a worker sees. */
export interface View {
  pid: number;
  /** The process that has started its process. */
  parent: number;
  count: number;
  /** The memory of its process, in MB. */
  memory: number;
}

/** Adds to the variable and, if there is one, to the shared value, and returns what this worker sees. */
export const add: Task<[amount: number, shared?: SharedValue<"int32">], View> = task(
  import.meta,
  function add(amount: number, shared?: SharedValue<"int32">): View {
    count += amount;
    shared?.add(amount);
    return { pid: process.pid, parent: process.ppid, count, memory: process.memoryUsage().rss / 1e6 };
  },
);
