// Tasks of callback_chain.ts, in a module of their own: every worker loads the module of its task.

import type { SharedQueue } from "@heddle/heddle/queue";
import { type Task, task } from "@heddle/heddle/task";

/** Makes a pseudo-random array that is the same in every run. */
export const make: Task<[number], number[]> = task(import.meta, function make(size: number): number[] {
  if (size % 2 === 1) throw new RangeError(`Cannot make ${size} numbers in pairs`);
  return Array.from({ length: size }, (_, i) => (i * 7_919) % 10_007);
});

export const sort: Task<[number[]], number[]> = task(import.meta, function sort(numbers: number[]): number[] {
  return numbers.toSorted((a, b) => a - b);
});

/** Returns the middle number of a sorted array. */
export const median: Task<[number[]], number> = task(import.meta, function median(numbers: number[]): number {
  return numbers[numbers.length >> 1]!;
});

/** A call and its callbacks: the first callback gets the call's result, each later one the previous callback's result. */
export interface Call {
  // deno-lint-ignore no-explicit-any -- the type of a result is the type of the next argument
  run: Task<[any], unknown>;
  value: unknown;
  // deno-lint-ignore no-explicit-any
  callbacks: Task<[any], unknown>[];
}

/** The result of the last callback, or the error that ended the chain. */
export type ChainEnd = { value: unknown } | { error: unknown };

/** Runs the calls in a queue and queues their callbacks, until the queue is shut down. */
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
