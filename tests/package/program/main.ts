// A user's program that knows the package only by its name. Prints one line of JSON for each executor.

import { type Executor, ProcessPoolExecutor, ThreadPoolExecutor } from "@heddle/heddle";
import { InlineExecutor } from "@heddle/heddle/pool";
import { double, fail, isPrime } from "./tasks.ts";

async function use(name: string, executor: Executor): Promise<void> {
  const prime = await executor.submit(isPrime, 1_099_511_627_689);
  const map = await executor.map(isPrime, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  const bytes = await executor.submit(double, new Uint8Array(100_000).fill(21));
  const error = await executor.submit(fail, "out of range").exception();
  console.log(JSON.stringify({
    name,
    prime,
    primes: map.filter(Boolean).length,
    bytes: [bytes.length, bytes[0], bytes.at(-1)],
    error: error instanceof RangeError ? error.message : String(error),
    attempt: (error as Error & { cause?: { attempt?: number } }).cause?.attempt,
  }));
  await executor.shutdown();
}

await use("threads", new ThreadPoolExecutor({ maxWorkers: 2 }));
await use("processes", new ProcessPoolExecutor({ maxWorkers: 2 }));
await use("inline", new InlineExecutor());
