// Threads or processes: which of our two pools is faster at which work, on this runtime?
import process from "node:process";
import { bench, boxplot, group, run, summary } from "mitata";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "../mod.ts";
import { primeWorth } from "./support/calibrate.ts";
import { winner } from "./support/duel.ts";
import { readFlags, writeResults } from "./support/flags.ts";
import { host } from "./support/host.ts";
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

const threads = new ThreadPoolExecutor({ maxWorkers: WORKERS });
const processes = new ProcessPoolExecutor({ maxWorkers: WORKERS });
for (const pool of [threads, processes]) await checkAnswers(pool);

/** The measurements of both pools; each returns the time in milliseconds. */
const questions: { id: string; what: string; ask: (kind: "threads" | "processes") => Promise<number> }[] = [
  { id: "start", what: "a new pool up to its first result", ask: timeStart },
  { id: "one", what: "a tiny task one at a time", ask: timesOf((pool) => pool.submit(add, 1, 2)) },
  { id: "many", what: "1,000 tiny tasks in flight", ask: timesOf(flood) },
  { id: "primes", what: `${PRIMES} computations of ${flags.quick ? 2 : 20} ms`, ask: timesOf(compute) },
  { id: "echo", what: "1 MiB there and back", ask: timesOf((pool) => pool.submit(echo, bytes)) },
];
for (const { what, ask } of questions) {
  group(what, () =>
    boxplot(() =>
      summary(() => {
        for (const kind of ["threads", "processes"] as const) {
          bench(`${kind}: ${what}`, function* () {
            // In nanoseconds: the measurement returns its own time.
            yield { manual: async () => await ask(kind) * 1e6 };
          });
        }
      })
    ));
}
const { benchmarks } = await run({ throw: true });
const results: ThreadVsProcessResults = {
  bench: "thread_vs_process",
  host: host(),
  quick: flags.quick,
  workers: WORKERS,
  cells: questions.map(({ id, what }, i) => {
    const [ofThreads, ofProcesses] = [benchmarks[2 * i], benchmarks[2 * i + 1]].map((trial) =>
      trial!.runs[0]!.stats!.p50 / 1e6
    );
    return { id, what, threads: ofThreads!, processes: ofProcesses!, winner: winner(ofThreads!, ofProcesses!) };
  }),
};
await Promise.all([threads.shutdown(), processes.shutdown()]);
writeResults(flags, results);
process.exit(0);

function timesOf(work: (pool: Pool) => PromiseLike<unknown>): (kind: "threads" | "processes") => Promise<number> {
  return (kind) => timed(() => work(kind === "threads" ? threads : processes));
}

/** Excludes the time of the shutdown. */
async function timeStart(kind: "threads" | "processes"): Promise<number> {
  const start = performance.now();
  const pool = kind === "threads"
    ? new ThreadPoolExecutor({ maxWorkers: WORKERS })
    : new ProcessPoolExecutor({ maxWorkers: WORKERS });
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
