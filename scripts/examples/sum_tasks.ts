// The tasks of shared_sum.ts. They have a module of their own, as every worker loads the module its task is in.

import type { SharedArray, SharedValue } from "@heddle/heddle/shared";
import { type Task, task } from "@heddle/heddle/task";

/** Sums up numbers that were sent. */
export const sumOf: Task<[numbers: Float64Array], number> = task(
  import.meta,
  function sumOf(numbers: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < numbers.length; i++) sum += numbers[i]!;
    return sum;
  },
);

/** The numbers and the sum of this thread: the same memory for all threads. */
let shared: { numbers: SharedArray<"float64">; sum: SharedValue<"float64"> } | undefined;

/** The initializer: each thread is given the memory once, so that its tasks carry nothing but two bounds. */
export const useNumbers: Task<[numbers: SharedArray<"float64">, sum: SharedValue<"float64">], void> = task(
  import.meta,
  function useNumbers(numbers: SharedArray<"float64">, sum: SharedValue<"float64">): void {
    shared = { numbers, sum };
  },
);

/** Sums up a part of the shared numbers, and adds that to the shared sum. */
export const addUp: Task<[from: number, to: number], void> = task(
  import.meta,
  function addUp(from: number, to: number): void {
    const { numbers, sum } = shared!;
    sum.add(sumOf(numbers.view.subarray(from, to)));
  },
);
