// Task of pid_and_memory.ts, in a module of its own: every worker loads the module of its task.

import process from "node:process";
import type { SharedValue } from "@heddle/heddle/shared";
import { type Task, task } from "@heddle/heddle/task";

/** A variable of the module. Each thread and each process loads the module itself, so each has its own copy. */
let count = 0;

/** The memory that a worker sees. */
export interface View {
  pid: number;
  /** The id of the process that started this one. */
  parent: number;
  count: number;
  /** The memory of the process, in MB. */
  memory: number;
}

/** Adds to the variable and to the shared value, if there is one, and returns what this worker sees. */
export const add: Task<[amount: number, shared?: SharedValue<"int32">], View> = task(
  import.meta,
  function add(amount: number, shared?: SharedValue<"int32">): View {
    count += amount;
    shared?.add(amount);
    return { pid: process.pid, parent: process.ppid, count, memory: process.memoryUsage().rss / 1e6 };
  },
);
