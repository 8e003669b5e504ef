// A program that is bundled into one file: threads, processes, an inline task, a lock and a queue.
//
//   npx esbuild scripts/examples/bundle/main.ts --bundle --platform=node --format=esm --outfile=out.mjs
//   node out.mjs        (or bun, or deno run -A)
//
// `deno bundle`, `bun build` (with `--compile`, too), rollup, vite and webpack do as well. Every worker loads the bundle, and
// with it this module, so the program is under a guard. `import.meta.main` is the wrong one: a bundler may replace it, and in
// an executable that was made by `bun build --compile` it is true in worker processes, too.

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
  const counts = await pool.starmap(putPrimes, RANGES.map(([from, to]) => [lock, queue, from, to]));
  const blocks: number[][] = [];
  for (let found = queue.tryGet(); found !== undefined; found = queue.tryGet()) {
    const range = Math.floor(found / 20);
    if (Math.floor((blocks.at(-1)?.[0] ?? -1) / 20) === range) blocks.at(-1)!.push(found);
    else blocks.push([found]);
  }
  return {
    prime: await pool.submit(isPrime, 1_099_511_627_689),
    squares: await pool.map(square, [1, 2, 3]),
    counts,
    blocks: blocks.sort(([a = 0], [b = 0]) => a - b).map((block) => block.join(" ")),
  };
}

if (isMainThread) {
  for (const pool of [new ThreadPoolExecutor({ maxWorkers: 2 }), new ProcessPoolExecutor({ maxWorkers: 2 })]) {
    console.log(JSON.stringify({ pool: pool.name, ...await use(pool) }));
    await pool.shutdown();
  }
  console.log(`done with arguments ${JSON.stringify(process.argv.slice(2))}`);
}
