// Five permits for three programs on three runtimes: a semaphore that limits all of them together.
//
//   deno run -A scripts/examples/cluster_semaphore.ts [--callers 6] [--holds 10] [--hold 20]        (or bun, or node)
//
// It starts a server (or uses that of HEDDLE_REDIS_URL) and itself once on each runtime; each of these programs
// has several callers, and each caller takes a permit several times and holds it for a while. It prints one line per program.

import process from "node:process";
import { ClusterSemaphore } from "@heddle/heddle/cluster";
import { delay } from "@std/async";
import * as bullmq from "bullmq";
import { type RedisServer, startServer } from "../redis/server.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { killProgram, nextLine, startOnEachRuntime } from "./support/programs.ts";
import { ExampleError } from "./support/run_example.ts";

type Numbers = Record<"callers" | "holds" | "hold", number>;

/** The number of permits. */
const PERMITS = 5;
/** The environment variable that makes a program one of the three. */
const QUEUE = "HEDDLE_EXAMPLE_QUEUE";

/** The report of a program: the times at which it held permits, and the waits of its callers. */
interface Report {
  readonly held: readonly (readonly [from: number, to: number])[];
  readonly waits: readonly number[];
}

async function runSemaphore(numbers: Numbers): Promise<void> {
  const server = await startServer();
  if (typeof server === "string") throw new ExampleError(`Cannot start a semaphore: ${server}`);
  const queue = process.env[QUEUE];
  if (queue !== undefined) return await holdPermits(numbers, server, queue);
  const args = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const env = { HEDDLE_REDIS_URL: server.url, [QUEUE]: `permits-${crypto.randomUUID()}` };
  const programs = startOnEachRuntime("cluster_semaphore.ts", args, env);
  try {
    const reports = await Promise.all(programs.map(async (program) => {
      const report: Report = JSON.parse(await nextLine(program));
      const [middle, most] = [report.waits[report.waits.length >> 1]!, report.waits.at(-1)!];
      const waited = `${middle.toFixed(1)} ms in the middle and ${most.toFixed(1)} ms at the longest`;
      console.log(`${program.label}: ${report.held.length} permits, after ${waited}`);
      return report;
    }));
    const most = mostAtOnce(reports.flatMap(({ held }) => held));
    if (most > PERMITS) throw new ExampleError(`Cannot trust the semaphore: ${most} were held, of ${PERMITS}`);
    console.log(`Never more than ${most} at once; there are ${PERMITS} permits.`);
  } finally {
    await Promise.all(programs.map(killProgram));
    await server.stop();
  }
}

/** One of the three programs. */
async function holdPermits({ callers, holds, hold }: Numbers, { host, port }: RedisServer, queue: string) {
  const semaphore = new ClusterSemaphore("five", PERMITS, { engine: bullmq, connection: { host, port }, queue });
  // Connects, so that the first waits are not those for the server.
  await semaphore.available();
  const held: [number, number][] = [];
  const waits: number[] = [];
  const call = async () => {
    for (let i = 0; i < holds; i++) {
      const asked = performance.now();
      await semaphore.run(async () => {
        waits.push(performance.now() - asked);
        const from = Date.now();
        await delay(hold);
        held.push([from, Date.now()]);
      });
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  await semaphore.close();
  console.log(JSON.stringify({ held, waits: waits.sort((a, b) => a - b) } satisfies Report));
}

/** Returns the maximum number of overlapping spans. */
function mostAtOnce(spans: Report["held"]): number {
  // Of events at the same time, ends come first: the next holder may have the released permit.
  const steps = spans.flatMap(([from, to]) => [[from, 1], [to, -1]] as const).sort((a, b) =>
    a[0] - b[0] || a[1] - b[1]
  );
  let [now, most] = [0, 0];
  for (const [, step] of steps) most = Math.max(most, now += step);
  return most;
}

if (import.meta.main) await runWithNumbers({ callers: 6, holds: 10, hold: 20 }, runSemaphore);
