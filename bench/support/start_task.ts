// The task of a thread that has just been started. Only the door that tasks need is imported: every thread loads this.
import { type Task, task } from "../../src/task/mod.ts";

export const sum: Task<[number, number], number> = task(import.meta, function sum(a: number, b: number): number {
  return a + b;
}, "sum");
