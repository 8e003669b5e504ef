// The tasks of callback_chain.ts. They have a module of their own, as every worker loads the module its task is in.

import type { SharedQueue } from "@heddle/heddle/queue";
import { type Task, task } from "@heddle/heddle/task";

/** Makes numbers that look random and are always the same. */
export const make: Task<[number], number[]> = task(import.meta, function make(size: number): number[] {
  if (size % 2 === 1) throw new RangeError(`Cannot make ${size} numbers in pairs`);
  return Array.from({ length: size }, (_, i) => (i * 7_919) % 10_007);
});

export const sort: Task<[number[]], number[]> = task(import.meta, function sort(numbers: number[]): number[] {
  return numbers.toSorted((a, b) => a - b);
});

/** Returns the number in the middle. */
export const median: Task<[number[]], number> = task(import.meta, function median(numbers: number[]): number {
  return numbers[numbers.length >> 1]!;
});

/** A call, and its callbacks: the first is called with its result, the second with the result of the first, and so on. */
export interface Call {
  // deno-lint-ignore no-explicit-any -- what a call returns is what the next one takes
  run: Task<[any], unknown>;
  value: unknown;
  // deno-lint-ignore no-explicit-any
  callbacks: Task<[any], unknown>[];
}

/** What the last callback has returned, or the error that ended the chain. */
export type ChainEnd = { value: unknown } | { error: unknown };

/** Runs the calls in a queue, and puts their callbacks into it, until the queue is shut down. */
export const runCalls: Task<[calls: SharedQueue<Call>, ends: SharedQueue<ChainEnd>], Promise<void>> = task(
  import.meta,
  async function runCalls(calls: SharedQueue<Call>, ends: SharedQueue<ChainEnd>): Promise<void> {
    for await (const { run, value, callbacks: [next, ...callbacks] } of calls) {
      try {
        const result = await run(value);
        if (next === undefined) await ends.put({ value: result });
        else await calls.put({ run: next, value: result, callbacks });
      } catch (error) {
        await ends.put({ error });
      }
    }
  },
);
