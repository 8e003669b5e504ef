// A large array is summed up in chunks: copied to processes, and shared with threads.
//
//   deno run -A scripts/examples/shared_sum.ts [--items 16000000] [--chunks 4] [--workers 2]     (or bun, or node)
//
// To add numbers up costs less than to copy them, so the processes are the slowest whatever their number: this is what a
// SharedArray is for. A chunk has to be worth its task, which takes microseconds: two chunks for each worker are enough, and
// with many small ones sharing does not pay either. Both work twice: the first time their workers have to start, the second
// time they are there.

import { cpuCount, ProcessPoolExecutor, SharedArray, SharedValue, ThreadPoolExecutor, transfer } from "@heddle/heddle";
import { table } from "../runner/table.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";
import { addUp, sumOf } from "./sum_tasks.ts";

type Numbers = Record<"items" | "chunks" | "workers", number>;
type Chunk = [from: number, to: number];

async function runSums({ items, chunks: count, workers }: Numbers): Promise<void> {
  // Whole numbers below 2^53 add up to the same in any order.
  const numbers = new SharedArray("float64", items);
  for (let i = 0; i < items; i++) numbers.view[i] = i % 1000;
  const chunks = chunksOf(items, count);
  const [expected, alone] = await timed(() => sumOf(numbers.view));

  const processes = new ProcessPoolExecutor({ maxWorkers: workers });
  const threads = new ThreadPoolExecutor({ maxWorkers: workers });
  const ways: [string, () => Promise<number>][] = [
    [`copied to ${workers} processes`, () => sumInProcesses(processes, numbers.view, chunks)],
    [`shared by ${workers} threads`, () => sumOnThreads(threads, numbers, chunks)],
  ];
  const rows = [[`${items} numbers in ${chunks.length} chunks`, "first time", "second time"]];
  rows.push(["one thread", inMilliseconds(alone), ""]);
  const second: number[] = [];
  try {
    for (const [what, sumUp] of ways) {
      const times: number[] = [];
      for (let time = 0; time < 2; time++) {
        const [sum, took] = await timed(sumUp);
        if (sum !== expected) throw new ExampleError(`Cannot trust what was ${what}: ${sum} is not ${expected}`);
        times.push(took);
      }
      rows.push([what, ...times.map(inMilliseconds)]);
      second.push(times[1]!);
    }
  } finally {
    await Promise.all([processes.shutdown(), threads.shutdown()]);
  }
  const ratio = (second[0]! / second[1]!).toFixed(1);
  console.log(`${table(rows)}\n\nThe sum is ${expected}; to copy takes ${ratio} times as long as to share.`);
}

/** Every chunk becomes a buffer of its own, which need not be kept: it is moved out of here, then copied to a process. */
async function sumInProcesses(pool: ProcessPoolExecutor, numbers: Float64Array, chunks: Chunk[]): Promise<number> {
  function* parts(): Generator<Float64Array> {
    for (const [from, to] of chunks) yield transfer(new Float64Array(numbers.subarray(from, to)));
  }
  let sum = 0;
  for await (const part of pool.map(sumOf, parts(), { ordered: false, chunkSize: 1 })) sum += part;
  return sum;
}

/** Nothing but the bounds of a chunk travels. */
async function sumOnThreads(
  pool: ThreadPoolExecutor,
  numbers: SharedArray<"float64">,
  chunks: Chunk[],
): Promise<number> {
  const sum = new SharedValue("float64", 0);
  await pool.starmap(addUp, chunks.map(([from, to]): Parameters<typeof addUp> => [numbers, sum, from, to]));
  return sum.value;
}

function chunksOf(items: number, count: number): Chunk[] {
  const size = Math.ceil(items / count);
  return Array.from({ length: Math.ceil(items / size) }, (_, i) => [i * size, Math.min(items, (i + 1) * size)]);
}

async function timed<T>(work: () => T | Promise<T>): Promise<[T, time: number]> {
  const start = performance.now();
  return [await work(), performance.now() - start];
}

function inMilliseconds(time: number): string {
  return `${time.toFixed(1)} ms`;
}

if (import.meta.main) await runWithNumbers({ items: 16_000_000, chunks: 2 * cpuCount(), workers: cpuCount() }, runSums);
