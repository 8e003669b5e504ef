// A program for bundling into one file: threads, processes, an inline task, a lock and a queue.
//
//   npx esbuild scripts/examples/bundle/main.ts --bundle --platform=node --format=esm --outfile=out.mjs
//   node out.mjs        (or bun, or deno run -A)
//
// `deno bundle`, `bun build` (also with `--compile`), rollup, vite and webpack work too. Every worker loads the bundle, and so
// this module: a guard keeps workers from running the program. `import.meta.main` is tempting, but webpack replaces it, and
// executables made by `bun build --compile` set it in worker processes too.

import process from "node:process";
import {
  type Executor,
  inline,
  isMainThread,
  Lock,
  ProcessPoolExecutor,
  Queue,
  ThreadPoolExecutor,
} from "@heddle/heddle";
import isPrime, { putPrimes } from "./tasks.ts";

const RANGES: readonly [from: number, to: number][] = [[0, 20], [20, 40], [40, 60], [60, 80]];

const square = inline((n: number) => n * n);

async function use(pool: Executor): Promise<Record<string, unknown>> {
  const lock = new Lock();
  const queue = new Queue<number>();
  await pool.starmap(putPrimes, RANGES.map(([from, to]) => [lock, queue, from, to]));
  const found: number[] = [];
  while (!queue.empty) found.push(queue.tryGet()!);
  return {
    prime: await pool.submit(isPrime, 1_099_511_627_689),
    squares: await pool.map(square, [1, 2, 3]),
    primes: found.length,
    // Each range holds the lock until its last prime is in the queue, so there are as many blocks as ranges.
    blocks: found.filter((n, i) => i === 0 || rangeOf(n) !== rangeOf(found[i - 1]!)).length,
  };
}

function rangeOf(n: number): number {
  return RANGES.findIndex(([from, to]) => from <= n && n < to);
}

if (isMainThread) {
  for (const pool of [new ThreadPoolExecutor({ maxWorkers: 2 }), new ProcessPoolExecutor({ maxWorkers: 2 })]) {
    console.log(JSON.stringify({ pool: pool.name, ...await use(pool) }));
    await pool.shutdown();
  }
  console.log(`done with arguments ${JSON.stringify(process.argv.slice(2))}`);
}
