// Three tasks, each of which needs the result of the previous one, written in six ways.
//
//   deno run -A scripts/examples/callback_chain.ts [--size 1000]        (or bun, or node)
//
// All six run the same tasks and report the same error. Two use one thread; four use a process and a thread.

import { pipeline, ProcessPoolExecutor, SharedQueue, Thread, ThreadPoolExecutor } from "@heddle/heddle";
import { type Call, type ChainEnd, make, median, runCalls, sort } from "./chain_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

type Way = (size: number, processes: ProcessPoolExecutor, threads: ThreadPoolExecutor) => PromiseLike<number>;

const WAYS: Record<string, Way> = {
  // The thread takes a call from the queue. It puts the callback and the result back into the queue as the next call.
  "thread and queue": async (size) => {
    const calls = new SharedQueue<Call>(), ends = new SharedQueue<ChainEnd>();
    await using _thread = new Thread(runCalls, [calls, ends], { name: "caller" }).start();
    try {
      await calls.put({ run: make, value: size, callbacks: [sort, median] });
      return valueOf(await ends.get());
    } finally {
      calls.shutdown();
    }
  },
  // Each callback must check for a failure of the previous call, and each further call is nested one level deeper.
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
  // The future of the last task can be cancelled; an abort reaches the task that is running.
  "thenSubmit": (size, processes, threads) =>
    processes.submit(make, size).thenSubmit(threads, sort).thenSubmit(processes, median),
  // Leaving the block waits for all tasks, including those that have not started.
  "await using": async (size) => {
    const ends: ChainEnd[] = [];
    {
      await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
      pool.submit(make, size).thenSubmit(pool, sort).thenSubmit(pool, median)
        .then((value) => ends.push({ value }), (error) => ends.push({ error }));
    }
    if (ends.length === 0) throw new ExampleError("Wrong result: the block ended before the chain");
    return valueOf(ends[0]!);
  },
  // Defined once, run for any number of inputs, with a limit on inputs in progress.
  "pipeline": (size, processes, threads) =>
    pipeline(processes).step(make).step(sort, { executor: threads }).step(median).run(size),
  "async/await": async (size, processes, threads) => {
    const made = await processes.submit(make, size);
    const sorted = await threads.submit(sort, made);
    return await processes.submit(median, sorted);
  },
};

async function runWays({ size }: { size: number }): Promise<void> {
  await using processes = new ProcessPoolExecutor({ maxWorkers: 1 });
  await using threads = new ThreadPoolExecutor({ maxWorkers: 1 });
  const outcomes: string[] = [];
  for (const [name, way] of Object.entries(WAYS)) {
    for (const each of [size * 2, size * 2 + 1]) {
      const outcome = await way(each, processes, threads).then((value) => `the median is ${value}`, String);
      outcomes.push(outcome);
      console.log(`${name.padEnd(16)} of ${each} numbers: ${outcome}`);
    }
  }
  if (new Set(outcomes).size !== 2) throw new ExampleError("Wrong results: the six ways differ");
}

function valueOf(end: ChainEnd): number {
  if ("error" in end) throw end.error;
  return end.value as number;
}

if (import.meta.main) await runWithNumbers({ size: 1_000 }, runWays);
