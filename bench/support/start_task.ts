// The task of a newly started thread. Imports only the entry point that tasks need, because every thread loads it.
import { type Task, task } from "../../src/task/mod.ts";

export const sum: Task<[number, number], number> = task(import.meta, function sum(a: number, b: number): number {
  return a + b;
}, "sum");
