// A pool of processes that grows under load and shrinks when idle.
//
//   deno run -A scripts/examples/dynamic_pool.ts [--messages 9] [--processes 3] [--time 100]        (or bun, or node)
//
// A process starts when a task finds none free and there are fewer than `maxWorkers`. Further tasks wait for a free process. A
// process that is idle for `idleTimeout` ends; `minWorkers` of them stay.

import { retry } from "@std/async";
import { ProcessPoolExecutor } from "@heddle/heddle";
import { handle } from "./pool_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

/** The idle timeout, how long to wait for the processes to end, and the polling interval, in milliseconds. */
const IDLE = 100, LIMIT = 10_000, STEP = 10;

type Numbers = Record<"messages" | "processes" | "time", number>;

async function runMessages({ messages, processes, time }: Numbers): Promise<void> {
  await using pool = new ProcessPoolExecutor({ maxWorkers: processes, idleTimeout: IDLE });
  let started = 0;
  pool.addEventListener("workerstart", ({ detail }) => console.log(`process ${++started} starts: ${detail.pid}`));
  const living = (): number => {
    const { idle, busy, starting } = pool.stats().workers;
    return idle + busy + starting;
  };
  console.log(`The pool is open: ${living()} processes`);

  await pool.submit(handle, time);
  console.log(`One message was handled: ${living()} process`);

  const handled = new Map<number, number>();
  await Promise.all(Array.from({ length: messages }, async (_, i) => {
    const pid = await pool.submit(handle, time);
    console.log(`message ${i + 1} was handled by ${pid}`);
    handled.set(pid, (handled.get(pid) ?? 0) + 1);
  }));
  const shares = [...handled.values()].join(" + ");
  console.log(`${shares} messages were handled: ${living()} of at most ${processes} processes`);
  if (living() > processes) {
    throw new ExampleError(`The pool failed: it has ${living()} processes (maxWorkers is ${processes})`);
  }

  // There is no event for the planned end of a process, so poll.
  const look = (): void => {
    if (living() > 0) throw new ExampleError("The pool failed: it keeps idle processes");
  };
  await retry(look, { minTimeout: STEP, multiplier: 1, jitter: 0, maxAttempts: LIMIT / STEP });
  console.log(`After ${IDLE} ms without a task: ${living()} processes`);
}

if (import.meta.main) await runWithNumbers({ messages: 9, processes: 3, time: 100 }, runMessages);
