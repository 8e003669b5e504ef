// How small may a task be for sending it to a pool to be faster than running it in place, on this runtime?
import process from "node:process";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "../mod.ts";
import { turnsPerMicrosecond } from "./support/calibrate.ts";
import { duel } from "./support/duel.ts";
import { readFlags, writeResults } from "./support/flags.ts";
import { host } from "./support/host.ts";
import { digits, duration, table } from "./support/print.ts";
import type { SmallestTaskResults, TaskSize } from "./support/results.ts";
import { timed } from "./support/stats.ts";
import { spin } from "./support/tasks.ts";

type Pool = ThreadPoolExecutor | ProcessPoolExecutor;

const WORKERS = 2;

/** Microseconds of work in one task. */
const SIZES = [1, 10, 100, 1_000, 10_000] as const;

const flags = readFlags();
// Work is counted in turns of a loop, not in time: a task that waited for the clock would also be fast on a busy core.
const turns = turnsPerMicrosecond();
const threads = new ThreadPoolExecutor({ maxWorkers: WORKERS });
const processes = new ProcessPoolExecutor({ maxWorkers: WORKERS });
const expected = spin(1_000);
for (const pool of [threads, processes]) {
  if (await pool.submit(spin, 1_000) !== expected) throw new Error("Wrong answers");
}

const sizes: TaskSize[] = [];
for (const micros of SIZES) sizes.push(await measureSize(micros));
const results: SmallestTaskResults = {
  bench: "smallest_task",
  host: host(),
  quick: flags.quick,
  workers: WORKERS,
  sizes,
  breakEven: { threads: breakEven("threads"), processes: breakEven("processes") },
};
await Promise.all([threads.shutdown(), processes.shutdown()]);

console.log(
  `\n${results.host.runtime} ${results.host.version}, ${WORKERS} workers; speed-up over running in place\n`,
);
const rows = sizes.map((size) => [
  `${duration(size.micros / 1000)} of work`,
  digits(size.threads),
  digits(size.processes),
]);
console.log(table([["", "threads", "processes"], ...rows]));
console.log(
  `\nSending pays off from: threads ${say(results.breakEven.threads)}, processes ${say(results.breakEven.processes)}`,
);
writeResults(flags, results);
process.exit(0);

async function measureSize(micros: number): Promise<TaskSize> {
  const work = Math.round(micros * turns);
  const count = Math.min(2_000, Math.max(8, Math.round((flags.quick ? 5_000 : 50_000) / micros)));
  const times = await duel({
    inline: () => timed(() => onTheSpot(count, work)),
    threads: () => timed(() => sent(threads, count, work)),
    processes: () => timed(() => sent(processes, count, work)),
  }, flags.quick ? { bursts: 1, budget: 1 } : { bursts: 6, budget: 100 });
  return { micros, threads: times.inline / times.threads, processes: times.inline / times.processes };
}

// deno-lint-ignore require-await -- timed like the pools, by a promise
async function onTheSpot(count: number, work: number): Promise<number> {
  let last = 0;
  for (let i = 0; i < count; i++) last = spin(work);
  return last;
}

function sent(pool: Pool, count: number, work: number): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, () => pool.submit(spin, work)));
}

/** Where the speed-up passes 1 for good, in microseconds, interpolated; 0 if it is always above 1, `null` if never. */
function breakEven(kind: "threads" | "processes"): number | null {
  const below = sizes.findLastIndex((size) => size[kind] < 1);
  if (below === -1) return 0;
  if (below === sizes.length - 1) return null;
  const [low, high] = [sizes[below]!, sizes[below + 1]!];
  const part = -Math.log(low[kind]) / (Math.log(high[kind]) - Math.log(low[kind]));
  return low.micros * (high.micros / low.micros) ** part;
}

function say(micros: number | null): string {
  if (micros === null) return `never up to ${duration(SIZES.at(-1)! / 1000)}`;
  return micros === 0 ? `below ${duration(SIZES[0] / 1000)}` : `about ${duration(micros / 1000)}`;
}
