// Runs the same tasks twice: once with results in the order of the items, once with results as they complete.
//
//   deno run -A scripts/examples/as_completed.ts [--tasks 6] [--unit 40]        (or bun, or node)

import { asCompleted, ThreadPoolExecutor } from "@heddle/heddle";
import { takeTime } from "./pool_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

async function runBoth({ tasks, unit }: { tasks: number; unit: number }): Promise<void> {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1, concurrency: tasks });
  // The first task takes the longest.
  const jobs = Array.from({ length: tasks }, (_, i): [number, number] => [i + 1, (tasks - i) * unit]);
  try {
    await pool.submit(takeTime, 0, 0);
    const inOrder: number[] = [];
    for await (const number of pool.starmap(takeTime, jobs)) inOrder.push(number);
    console.log(`starmap:     ${inOrder.join(" ")}   the first result comes after the slowest task`);
    const asTheyCome: number[] = [];
    for await (const future of asCompleted(jobs.map((job) => pool.submit(takeTime, ...job)))) {
      asTheyCome.push(await future);
    }
    console.log(`asCompleted: ${asTheyCome.join(" ")}   the first result comes after the fastest task`);
    if (inOrder.join() !== jobs.map(([number]) => number).join()) {
      throw new ExampleError("Wrong results: starmap changed the order");
    }
    if (new Set(asTheyCome).size !== tasks) throw new ExampleError("Wrong results: asCompleted left out a future");
  } finally {
    await pool.shutdown();
  }
}

if (import.meta.main) await runWithNumbers({ tasks: 6, unit: 40 }, runBoth);
