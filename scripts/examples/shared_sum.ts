// A large array is summed up in chunks: copied to processes, and shared with threads in chunks of several sizes.
//
//   deno run -A scripts/examples/shared_sum.ts [--items 16000000] [--chunks 4] [--workers 2]     (or bun, or node)
//
// To add numbers up costs less than to copy them, so the processes are the slowest whatever their number: this is what a
// SharedArray is for. A chunk must be worth its task, which takes microseconds. The first threads run has two chunks for each
// worker, the next ones 8 times as many each: the chart shows from which size of a chunk on sharing pays. The first
// time includes the start of the workers; after that the processes sum up once, and the threads three times, of which the best
// counts.

import { cpuCount, ProcessPoolExecutor, SharedArray, SharedValue, ThreadPoolExecutor, transfer } from "@heddle/heddle";
import { table } from "../runner/table.ts";
import { type Bar, barChart } from "./support/bar_chart.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError, speedUp } from "./support/run_example.ts";
import { addUp, sumOf, useNumbers } from "./sum_tasks.ts";

type Numbers = Record<"items" | "chunks" | "workers", number>;
type Chunk = [from: number, to: number];

/** How often a way works after its workers have started: to copy takes long. */
const COPIES = 1, TIMES = 3;
/** From one run of the threads to the next there are this many times as many chunks, and this many runs. */
const FINER = 8, RUNS = 3;

/** A way to sum up, and how long it took. */
interface Measured {
  chunk: number;
  /** The first time, in which the workers start. */
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
      if (sum !== expected) throw new ExampleError(`Cannot trust the sum: ${sum} is not ${expected}`);
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
    [`${items} numbers in ${chunks.length} chunks`, "first time", "afterwards"],
    row("one thread", alone),
    row(`copied to ${workers} processes`, copied),
    row(`shared by ${workers} threads`, shared[0]!),
  ]));
  const ratio = (copied.best / shared[0]!.best).toFixed(1);
  console.log(`\nThe sum is ${expected}; to copy takes ${ratio} times as long as to share.\n`);
  console.log(chartOf(alone, shared, workers));
  console.log(`\n${adviceOf(alone, shared)}`);
}

/** A bar for one thread, and one for the threads with each size of a chunk. */
function chartOf(alone: Measured, shared: Measured[], workers: number): string {
  const bars: Bar[] = shared.map(({ chunk, best }) => ({
    label: `${workers} threads, ${chunk} numbers a chunk`,
    time: best,
    start: 0,
    note: `  ${speedUp(alone.best, best)}`,
  }));
  return barChart([{ label: "one thread", time: alone.best, start: 0, note: "" }, ...bars], inMilliseconds);
}

/** The smallest chunk with which the threads were faster than one thread, and all larger ones as well. */
function adviceOf(alone: Measured, shared: Measured[]): string {
  const slow = shared.findIndex(({ best }) => best >= alone.best);
  const paying = slow === -1 ? shared : shared.slice(0, slow);
  if (paying.length === 0) return "Sharing does not pay here: there are too few numbers, or too few idle cores.";
  return `Sharing pays with chunks of ${paying.at(-1)!.chunk} numbers or more.`;
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

/** The threads have been given the numbers and the sum: nothing but the bounds of a chunk travels. */
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
