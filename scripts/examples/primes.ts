// Seven primality checks on one thread, on threads and in processes: the example of Python's ProcessPoolExecutor, with one
// more prime, so that two workers get equal shares.
//
//   deno run -A scripts/examples/primes.ts        (or bun, or node)
//
// Each pool runs twice: the first run includes the start of its workers, the second does not.

import { setImmediate as turn } from "node:timers/promises";
import { type Executor, ProcessPoolExecutor, ThreadPoolExecutor } from "@heddle/heddle";
import { table } from "../runner/table.ts";
import { isPrime } from "./prime_tasks.ts";
import { type Bar, barChart } from "./support/bar_chart.ts";
import { ExampleError, type ExampleOptions, inSeconds, runExample, speedUp } from "./support/run_example.ts";

const NUMBERS: readonly number[] = [
  112_272_535_095_293,
  112_582_705_942_171,
  112_272_535_095_293,
  115_280_095_190_773,
  115_797_848_077_099,
  115_797_848_077_181,
  1_099_726_899_285_419,
];

/**
 * Checks the numbers in all three ways and prints the answers and the times.
 *
 * @throws {ExampleError} if the ways disagree.
 */
export async function runPrimes({ workers: maxWorkers }: ExampleOptions, signal: AbortSignal): Promise<void> {
  const [expected, alone] = await timed(async () => {
    const answers: boolean[] = [];
    for (const n of NUMBERS) {
      answers.push(isPrime(n));
      // Yield to the event loop; otherwise Ctrl-C could not be handled.
      await turn();
      signal.throwIfAborted();
    }
    return answers;
  });
  NUMBERS.forEach((n, i) => console.log(`${String(n).padStart(16)} is prime: ${expected[i]}`));

  const rows = [["", "first run", "speed-up", "second run", "speed-up"]];
  rows.push(["one thread", inSeconds(alone), "1.00x", "", ""]);
  const bars: Bar[] = [{ label: "one thread", time: alone, start: 0, note: "" }];
  for (const pool of [new ThreadPoolExecutor({ maxWorkers }), new ProcessPoolExecutor({ maxWorkers })]) {
    try {
      const [first, cold] = await timed(() => checkAll(pool, signal));
      const [second, warm] = await timed(() => checkAll(pool, signal));
      requireSame(pool.name, expected, first);
      requireSame(pool.name, expected, second);
      const label = `${pool.maxWorkers} ${pool instanceof ThreadPoolExecutor ? "threads" : "processes"}`;
      rows.push([label, inSeconds(cold), speedUp(alone, cold), inSeconds(warm), speedUp(alone, warm)]);
      // The first run takes longer by the time that the workers need to start.
      const start = Math.max(0, cold - warm);
      bars.push({ label, time: cold, start, note: `  ${speedUp(alone, warm)} after its start-up` });
    } finally {
      await pool.shutdown();
    }
  }
  console.log(`\n${table(rows)}\n\n${barChart(bars)}`);
}

async function checkAll(pool: Executor, signal: AbortSignal): Promise<boolean[]> {
  return await pool.map(isPrime, NUMBERS, { signal });
}

async function timed<T>(work: () => Promise<T>): Promise<[T, time: number]> {
  const start = performance.now();
  return [await work(), performance.now() - start];
}

function requireSame(name: string, expected: readonly boolean[], actual: readonly boolean[]): void {
  if (expected.every((answer, i) => answer === actual[i])) return;
  throw new ExampleError(
    `Wrong answers: ${name} answers ${actual.join(", ")}, one thread answers ${expected.join(", ")}`,
  );
}

if (import.meta.main) await runExample(runPrimes);
