// Sums a large array in chunks: copied to processes, and shared with threads in several chunk sizes.
//
//   deno run -A scripts/examples/shared_sum.ts [--items 16000000] [--chunks 4] [--workers 2]     (or bun, or node)
//
// Copying a number costs more than adding it, so processes are the slowest whatever their number; SharedArray avoids the copy.
// A task takes microseconds, and its chunk must be worth that. The first threads run has two chunks per worker, each later run
// 8 times as many: the chart shows the chunk size at which sharing starts to pay. The first time includes the start of the
// workers. After that, the processes sum once and the threads three times, of which the best time counts.

import { cpuCount, ProcessPoolExecutor, SharedArray, SharedValue, ThreadPoolExecutor, transfer } from "@heddle/heddle";
import { table } from "../runner/table.ts";
import { type Bar, barChart } from "./support/bar_chart.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError, speedUp } from "./support/run_example.ts";
import { addUp, sumOf, useNumbers } from "./sum_tasks.ts";

type Numbers = Record<"items" | "chunks" | "workers", number>;
type Chunk = [from: number, to: number];

/** The runs of each way after its workers have started: one for processes, because copying is slow. */
const COPIES = 1, TIMES = 3;
/** Each further run of the threads has `FINER` times as many chunks; there are up to `RUNS` runs. */
const FINER = 8, RUNS = 3;

/** The times of one way to sum. */
interface Measured {
  chunk: number;
  /** The time of the first run, which includes the start of the workers. */
  first: number;
  best: number;
}

async function runSums({ items, chunks: count, workers }: Numbers): Promise<void> {
  // Whole numbers below 2^53 add up to the same in any order.
  const numbers = new SharedArray("float64", items);
  for (let i = 0; i < items; i++) numbers.view[i] = i % 1000;
  const chunks = chunksOf(items, count);
  let expected: number | undefined;
  const measure = async (chunk: number, sumUp: () => number | Promise<number>, runs = TIMES): Promise<Measured> => {
    const times: number[] = [];
    for (let time = 0; time <= runs; time++) {
      const start = performance.now();
      const sum = await sumUp();
      times.push(performance.now() - start);
      expected ??= sum;
      if (sum !== expected) throw new ExampleError(`Wrong results: a sum is ${sum} instead of ${expected}`);
    }
    return { chunk, first: times[0]!, best: Math.min(...times.slice(1)) };
  };

  const alone = await measure(items, () => sumOf(numbers.view));
  const shared: Measured[] = [];
  let copied: Measured;
  {
    await using processes = new ProcessPoolExecutor({ maxWorkers: workers });
    copied = await measure(chunks[0]![1], () => sumInProcesses(processes, numbers.view, chunks), COPIES);
  }
  {
    const sum = new SharedValue("float64", 0);
    await using threads = new ThreadPoolExecutor({
      maxWorkers: workers,
      initializer: useNumbers,
      initArgs: [numbers, sum],
    });
    for (let run = 0, finer = chunks; run < RUNS; run++) {
      shared.push(await measure(finer[0]![1], () => sumOnThreads(threads, sum, finer)));
      if (finer.length * FINER > items) break;
      finer = chunksOf(items, finer.length * FINER);
    }
  }
  const row = (
    what: string,
    { first, best }: Measured,
  ): string[] => [what, inMilliseconds(first), inMilliseconds(best)];
  console.log(table([
    [`${items} numbers in ${chunks.length} chunks`, "first run", "later runs"],
    row("one thread", alone),
    row(`copied to ${workers} processes`, copied),
    row(`shared by ${workers} threads`, shared[0]!),
  ]));
  const ratio = (copied.best / shared[0]!.best).toFixed(1);
  console.log(`\nThe sum is ${expected}; copying takes ${ratio} times as long as sharing.\n`);
  console.log(chartOf(alone, shared, workers));
  console.log(`\n${adviceOf(alone, shared)}`);
}

/** Draws a bar for one thread, and one for the threads with each chunk size. */
function chartOf(alone: Measured, shared: Measured[], workers: number): string {
  const bars: Bar[] = shared.map(({ chunk, best }) => ({
    label: `${workers} threads, ${chunk} numbers per chunk`,
    time: best,
    start: 0,
    note: `  ${speedUp(alone.best, best)}`,
  }));
  return barChart([{ label: "one thread", time: alone.best, start: 0, note: "" }, ...bars], inMilliseconds);
}

/** The smallest chunk size from which on the threads are faster than one thread. */
function adviceOf(alone: Measured, shared: Measured[]): string {
  const slow = shared.findIndex(({ best }) => best >= alone.best);
  const paying = slow === -1 ? shared : shared.slice(0, slow);
  if (paying.length === 0) return "Sharing does not pay here: there are too few numbers, or too few idle cores.";
  return `Sharing pays with chunks of ${paying.at(-1)!.chunk} numbers or more.`;
}

/** Copies each chunk into a buffer of its own and transfers that buffer: it need not be kept here. */
async function sumInProcesses(pool: ProcessPoolExecutor, numbers: Float64Array, chunks: Chunk[]): Promise<number> {
  function* parts(): Generator<Float64Array> {
    for (const [from, to] of chunks) yield transfer(new Float64Array(numbers.subarray(from, to)));
  }
  let sum = 0;
  for await (const part of pool.map(sumOf, parts(), { ordered: false, chunkSize: 1 })) sum += part;
  return sum;
}

/** The threads already have the numbers and the sum: each task carries only the bounds of its chunk. */
async function sumOnThreads(pool: ThreadPoolExecutor, sum: SharedValue<"float64">, chunks: Chunk[]): Promise<number> {
  sum.value = 0;
  await pool.starmap(addUp, chunks);
  return sum.value;
}

function chunksOf(items: number, count: number): Chunk[] {
  const size = Math.ceil(items / count);
  return Array.from({ length: Math.ceil(items / size) }, (_, i) => [i * size, Math.min(items, (i + 1) * size)]);
}

function inMilliseconds(time: number): string {
  return `${time.toFixed(1)} ms`;
}

if (import.meta.main) await runWithNumbers({ items: 16_000_000, chunks: 2 * cpuCount(), workers: cpuCount() }, runSums);
