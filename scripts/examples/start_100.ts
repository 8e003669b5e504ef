// Starts and joins 100 threads, then 100 processes, and prints the times.
//
//   deno run -A scripts/examples/start_100.ts [--count 100] [--wave 20]        (or bun, or node)
//
// They run in waves of 20: the example starts 20, joins all of them, and starts the next 20. All 100 at once take 1.4 GB as
// threads and 5.6 GB as processes on Node, 2.1 and more than 3.3 GB on Deno, 0.5 and 1 GB on Bun.

import { inline, Process, type Task, Thread } from "@heddle/heddle";
import { table } from "../runner/table.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError, inSeconds } from "./support/run_example.ts";

/** Sent as source: this measures the start, not the loading of a module. */
const echo: Task<[n: number], number> = inline((n: number): number => n);

type Start = (n: number) => Thread<number> | Process<number>;

async function runStarts({ count, wave }: { count: number; wave: number }): Promise<void> {
  const rows = [[`${count} of them, ${Math.min(wave, count)} at once`, "all", "each"]];
  const kinds: [string, Start][] = [
    ["threads", (n) => new Thread(echo, [n]).start()],
    ["processes", (n) => new Process(echo, [n]).start()],
  ];
  for (const [kind, start] of kinds) {
    const time = await timeOf(start, count, wave);
    rows.push([kind, inSeconds(time), `${(time / count).toFixed(1)} ms`]);
  }
  console.log(table(rows));
}

async function timeOf(start: Start, count: number, wave: number): Promise<number> {
  const begin = performance.now();
  for (let first = 0; first < count; first += wave) {
    const size = Math.min(wave, count - first);
    const started = Array.from({ length: size }, (_, i) => start(first + i));
    for (const [i, worker] of started.entries()) {
      await worker.join();
      const answer = worker.result.resultNow();
      if (answer !== first + i) {
        throw new ExampleError(`Wrong results: ${worker.name} answered ${answer} instead of ${first + i}`);
      }
    }
  }
  return performance.now() - begin;
}

if (import.meta.main) await runWithNumbers({ count: 100, wave: 20 }, runStarts);
