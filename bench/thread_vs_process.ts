// Threads or processes: which of our two pools is faster at what, on this runtime?
import process from "node:process";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "../mod.ts";
import { primeWorth } from "./support/calibrate.ts";
import { duel, type DuelOptions, winner } from "./support/duel.ts";
import { readFlags, writeResults } from "./support/flags.ts";
import { host } from "./support/host.ts";
import { duration, table } from "./support/print.ts";
import type { ThreadVsProcessResults } from "./support/results.ts";
import { timed } from "./support/stats.ts";
import { add, echo, isPrime } from "./support/tasks.ts";

type Pool = ThreadPoolExecutor | ProcessPoolExecutor;

const WORKERS = 2;
const IN_FLIGHT = 1_000;
const PRIMES = 8;

const flags = readFlags();
const prime = primeWorth(flags.quick ? 2 : 20);
const bytes = new Uint8Array(1 << 20).fill(7);
const often: DuelOptions = flags.quick ? { bursts: 2, budget: 20 } : { bursts: 10, budget: 100 };
const seldom: DuelOptions = flags.quick ? { bursts: 1, budget: 1 } : { bursts: 5, budget: 300 };

const threads = new ThreadPoolExecutor({ maxWorkers: WORKERS });
const processes = new ProcessPoolExecutor({ maxWorkers: WORKERS });
for (const pool of [threads, processes]) await checkAnswers(pool);

const results: ThreadVsProcessResults = {
  bench: "thread_vs_process",
  host: host(),
  quick: flags.quick,
  workers: WORKERS,
  cells: [
    cell("start", "a new pool up to its first result", await duelOfStarts(seldom)),
    cell("one", "a tiny task one at a time", await duelOf((pool) => pool.submit(add, 1, 2), often)),
    cell("many", "1,000 tiny tasks in flight", await duelOf(flood, often)),
    cell("primes", `${PRIMES} computations of ${flags.quick ? 2 : 20} ms`, await duelOf(compute, seldom)),
    cell("echo", "1 MiB there and back", await duelOf((pool) => pool.submit(echo, bytes), often)),
  ],
};
await Promise.all([threads.shutdown(), processes.shutdown()]);

console.log(`\n${results.host.runtime} ${results.host.version}, ${WORKERS} workers\n`);
const rows = results.cells.map((each) => [
  each.what,
  duration(each.threads),
  duration(each.processes),
  each.winner,
]);
console.log(table([["", "threads", "processes", "winner"], ...rows]));
writeResults(flags, results);
process.exit(0);

function cell(id: string, what: string, times: { threads: number; processes: number }) {
  return { id, what, ...times, winner: winner(times.threads, times.processes) };
}

function duelOf(work: (pool: Pool) => PromiseLike<unknown>, options: DuelOptions) {
  return duel({
    threads: () => timed(() => work(threads)),
    processes: () => timed(() => work(processes)),
  }, options);
}

/** What it takes to shut down again is not counted. */
function duelOfStarts(options: DuelOptions) {
  return duel({
    threads: () => timeStart(() => new ThreadPoolExecutor({ maxWorkers: WORKERS })),
    processes: () => timeStart(() => new ProcessPoolExecutor({ maxWorkers: WORKERS })),
  }, options);
}

async function timeStart(open: () => Pool): Promise<number> {
  const start = performance.now();
  const pool = open();
  await pool.submit(add, 1, 2);
  const took = performance.now() - start;
  await pool.shutdown();
  return took;
}

function flood(pool: Pool): Promise<unknown> {
  return Promise.all(Array.from({ length: IN_FLIGHT }, (_, i) => pool.submit(add, i, 1)));
}

function compute(pool: Pool): Promise<unknown> {
  return Promise.all(Array.from({ length: PRIMES }, () => pool.submit(isPrime, prime)));
}

async function checkAnswers(pool: Pool): Promise<void> {
  const back = await pool.submit(echo, bytes);
  const right = await pool.submit(add, 1, 2) === 3 && await pool.submit(isPrime, prime) &&
    back.length === bytes.length && back.every((byte) => byte === 7);
  if (!right) throw new Error("Wrong answers");
}
