// Tasks of shared_sum.ts, in a module of their own: every worker loads the module of its task.

import type { SharedArray, SharedValue } from "@heddle/heddle/shared";
import { type Task, task } from "@heddle/heddle/task";

/** Sums the numbers of its argument. */
export const sumOf: Task<[numbers: Float64Array], number> = task(
  import.meta,
  function sumOf(numbers: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < numbers.length; i++) sum += numbers[i]!;
    return sum;
  },
);

/** The numbers and the sum as objects of this thread; all threads share their memory. */
let shared: { numbers: SharedArray<"float64">; sum: SharedValue<"float64"> } | undefined;

/** The initializer: gives each thread the memory once, so that each task carries only two bounds. */
export const useNumbers: Task<[numbers: SharedArray<"float64">, sum: SharedValue<"float64">], void> = task(
  import.meta,
  function useNumbers(numbers: SharedArray<"float64">, sum: SharedValue<"float64">): void {
    shared = { numbers, sum };
  },
);

/** Sums a part of the shared numbers, and adds the result to the shared sum. */
export const addUp: Task<[from: number, to: number], void> = task(
  import.meta,
  function addUp(from: number, to: number): void {
    const { numbers, sum } = shared!;
    sum.add(sumOf(numbers.view.subarray(from, to)));
  },
);
