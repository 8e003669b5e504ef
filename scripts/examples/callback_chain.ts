// Three tasks, each of which needs the result of the one before, written in four ways.
//
//   deno run -A scripts/examples/callback_chain.ts [--size 1000]        (or bun, or node)
//
// The numbers are made and added up in a process and sorted on a thread; all four ways run the same tasks there, and
// pass on the same error.

import { pipeline, ProcessPoolExecutor, type Task, task, ThreadPoolExecutor } from "@heddle/heddle";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

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

type Way = (size: number, processes: ProcessPoolExecutor, threads: ThreadPoolExecutor) => PromiseLike<number>;

const WAYS: Record<string, Way> = {
  // Each callback has to look at what failed before it, and the last one is the deepest.
  "nested callbacks": (size, processes, threads) =>
    new Promise((resolve, reject) => {
      processes.submit(make, size).addDoneCallback((made) => {
        if (made.exceptionNow() !== undefined) return reject(made.exceptionNow());
        threads.submit(sort, made.resultNow()).addDoneCallback((sorted) => {
          if (sorted.exceptionNow() !== undefined) return reject(sorted.exceptionNow());
          processes.submit(median, sorted.resultNow()).addDoneCallback((found) => {
            if (found.exceptionNow() !== undefined) return reject(found.exceptionNow());
            resolve(found.resultNow());
          });
        });
      });
    }),
  // The future of the last link can be cancelled, and its abort reaches whatever runs.
  "thenSubmit": (size, processes, threads) =>
    processes.submit(make, size).thenSubmit(threads, sort).thenSubmit(processes, median),
  // Made once, for any number of values, with a bound on what is on its way.
  "pipeline": (size, processes, threads) =>
    pipeline(processes).step(make).step(sort, { executor: threads }).step(median).run(size),
  "async/await": async (size, processes, threads) => {
    const made = await processes.submit(make, size);
    const sorted = await threads.submit(sort, made);
    return await processes.submit(median, sorted);
  },
};

async function runWays({ size }: { size: number }): Promise<void> {
  const processes = new ProcessPoolExecutor({ maxWorkers: 1 });
  const threads = new ThreadPoolExecutor({ maxWorkers: 1 });
  const outcomes: string[] = [];
  try {
    for (const [name, way] of Object.entries(WAYS)) {
      for (const each of [size * 2, size * 2 + 1]) {
        const outcome = await way(each, processes, threads).then((value) => `the median is ${value}`, String);
        outcomes.push(outcome);
        console.log(`${name.padEnd(16)} of ${each} numbers: ${outcome}`);
      }
    }
  } finally {
    await Promise.all([processes.shutdown(), threads.shutdown()]);
  }
  if (new Set(outcomes).size !== 2) throw new ExampleError("Cannot trust all four ways: they differ");
}

if (import.meta.main) await runWithNumbers({ size: 1_000 }, runWays);
