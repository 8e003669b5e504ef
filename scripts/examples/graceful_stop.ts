// Twenty long tasks in processes. When one fails, or on Ctrl-C, the others stop and clean up.
//
//   deno run -A scripts/examples/graceful_stop.ts [healthy] [--tasks 20] [--lines 300]        (or bun, or node)
//
// Each task writes a file and removes it if it is told to stop, because half a file is worse than none. With "healthy" no task
// fails, which leaves time to press Ctrl-C: the exit code is then 130, as for every interrupted program.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gracefulShutdown, ProcessPoolExecutor, TaskGroup } from "@heddle/heddle";
import { type LongEnd, writeLong } from "./long_tasks.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError } from "./support/run_example.ts";

/** The number of the task that fails, and the line at which it fails. */
const FAILING = 7, LAST_LINE = 5;

async function runLong({ tasks, lines }: { tasks: number; lines: number }, words: string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "heddle-graceful-"));
  const pool = new ProcessPoolExecutor({ maxWorkers: 2, concurrency: 5 });
  const ending = gracefulShutdown(pool, { deadline: 5_000 });
  const ends: Record<LongEnd | "never started" | "failed", number> = {
    complete: 0,
    "tidied up": 0,
    "never started": 0,
    failed: 0,
  };
  try {
    const group = new TaskGroup(pool);
    for (let number = 1; number <= tasks; number++) {
      const failsAt = number === FAILING && words[0] !== "healthy" ? LAST_LINE : undefined;
      const future = group.submit(writeLong, join(folder, `${number}.txt`), lines, failsAt);
      future.onProgress(() => console.log(`task ${number} has started`));
      future.addDoneCallback((done) => {
        const error = done.exceptionNow() as Error | undefined;
        if (error === undefined) ends[done.resultNow()]++;
        else ends[error.name === "AbortError" ? "never started" : "failed"]++;
      });
    }
    const error = await group.join().then(() => undefined, (error: Error) => error);
    if (ending.signal.aborted) console.log("Interrupted.");
    else console.log(error === undefined ? "All tasks are done." : `Stopped because a task failed: ${error.message}.`);
    console.log(Object.entries(ends).map(([end, count]) => `${count} ${end}`).join(", "));
    const files = readdirSync(folder);
    console.log(`${files.length} files were written, all of them completely.`);
    if (files.length !== ends.complete || files.some((file) => file.endsWith(".part"))) {
      throw new ExampleError(`Wrong results: the tasks left ${files.join(", ")}`);
    }
  } finally {
    await pool.shutdown();
    rmSync(folder, { recursive: true, force: true });
    ending[Symbol.dispose]();
  }
}

if (import.meta.main) await runWithNumbers({ tasks: 20, lines: 300 }, runLong);
