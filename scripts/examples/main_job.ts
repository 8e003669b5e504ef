// The main job: primes, then words. `npm run main`, or `npm run main -- <folder>`.
//
//   deno run -A scripts/examples/main_job.ts [folder] [--workers 4] [--limit 1000]        (or bun, or node)

import process from "node:process";
import { runPrimes } from "./primes.ts";
import { type ExampleOptions, inSeconds, runExample } from "./support/run_example.ts";
import { requireFolder } from "./support/walk.ts";
import { runWordCount } from "./word_count.ts";

async function runMainJob(options: ExampleOptions, signal: AbortSignal): Promise<void> {
  // Fail now rather than after the first half.
  if (options.folder !== undefined) await requireFolder(options.folder);
  const start = performance.now();
  console.log(`${runtimeName()}, ${navigator.hardwareConcurrency} cores\n\nPrimes\n`);
  await runPrimes(options, signal);
  console.log("\nWords\n");
  await runWordCount(options, signal);
  console.log(`\nDone in ${inSeconds(performance.now() - start)}.`);
}

/** Deno and Bun also report a Node version for compatibility, so they are checked first. */
function runtimeName(): string {
  const { deno, bun, node } = process.versions;
  return deno ? `Deno ${deno}` : bun ? `Bun ${bun}` : `Node ${node}`;
}

if (import.meta.main) await runExample(runMainJob);
