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

/** Sums up a part of numbers that are shared, and adds that to what the others have found. */
export const addUp: Task<
  [numbers: SharedArray<"float64">, sum: SharedValue<"float64">, from: number, to: number],
  void
> = task(
  import.meta,
  function addUp(numbers: SharedArray<"float64">, sum: SharedValue<"float64">, from: number, to: number): void {
    sum.add(sumOf(numbers.view.subarray(from, to)));
  },
);
