// The three ways of counting words: one thread, threads, processes.

import { abortable } from "@std/async";
import { cpuCount, type Executor, ProcessPoolExecutor, ThreadPoolExecutor } from "@heddle/heddle";
import { countFiles, countWords, type FileTotals, newTotals, readFiles } from "../word_tasks.ts";
import { ProgressBar } from "./progress_bar.ts";
import { batchesOf, walk, WalkLog, weightOf } from "./walk.ts";
import { WordTable } from "./word_table.ts";

/** Batches that a pool takes ahead, per worker: enough to keep it busy, without walking further than needed. */
const AHEAD = 4;

/** What to count, and with how many workers. */
export interface CountJob {
  folder: string;
  limit: number;
  workers: number | undefined;
  signal: AbortSignal;
}

/** The result of a mode. */
export interface CountOutcome {
  mode: string;
  /** Milliseconds, including the start of the workers. */
  time: number;
  /** Milliseconds until the first batch of each worker was done: mostly the start of the workers. */
  startUp: number;
  totals: FileTotals;
  table: WordTable;
}

/** The result of a first walk through the folder. */
export interface Survey {
  files: number;
  /** The weight of the files, for a {@linkcode BatchPlan}. */
  weight: number;
  fingerprint: string;
}

/** Reads everything once, so that no mode pays for a cold disk, and the bars and batches know the total. */
export async function survey({ folder, limit, workers, signal }: CountJob): Promise<Survey> {
  const log = new WalkLog();
  const bar = new ProgressBar("reading");
  const pool = new ThreadPoolExecutor({ maxWorkers: workers });
  let files = 0;
  let bytes = 0;
  try {
    const options = { bufferSize: AHEAD * pool.maxWorkers, ordered: false, signal };
    for await (const part of pool.map(readFiles, batchesOf(walk(folder, log), limit), options)) {
      files += part.files;
      bytes += part.bytes;
      bar.add(part.files);
    }
    return { files, weight: weightOf(files, bytes), fingerprint: log.fingerprint };
  } finally {
    bar.end();
    await pool.shutdown();
  }
}

/** Counts in the calling thread, as a program without pools would. */
export async function countAlone(job: CountJob, found: Survey): Promise<CountOutcome> {
  const { folder, limit, signal } = job;
  const log = new WalkLog();
  const totals = newTotals();
  const table = new WordTable();
  const bar = new ProgressBar("one thread", found.files);
  const workers = workersOf(job);
  const watch = new Stopwatch(workers);
  try {
    const batches = batchesOf(walk(folder, log), limit, { weight: found.weight, workers });
    for await (const batch of abortable(batches, signal)) {
      await countFiles(batch, table, totals, signal);
      watch.batch();
      bar.add(batch.length);
    }
  } finally {
    bar.end();
  }
  totals.unreadable += log.unreadable;
  return { mode: "one thread", ...watch.end(), totals, table };
}

/** Counts in a pool of threads. */
export async function countOnThreads(job: CountJob, found: Survey): Promise<CountOutcome> {
  return await countInPool("threads", () => new ThreadPoolExecutor({ maxWorkers: workersOf(job) }), job, found);
}

/** Counts in a pool of processes. */
export async function countInProcesses(job: CountJob, found: Survey): Promise<CountOutcome> {
  return await countInPool("processes", () => new ProcessPoolExecutor({ maxWorkers: workersOf(job) }), job, found);
}

async function countInPool(kind: string, open: () => Executor, job: CountJob, found: Survey): Promise<CountOutcome> {
  const log = new WalkLog();
  const totals = newTotals();
  const table = new WordTable();
  const bar = new ProgressBar(kind, found.files);
  const workers = workersOf(job);
  const watch = new Stopwatch(workers);
  const pool = open();
  try {
    // The merge order makes no difference, so batches need not wait for each other.
    const options = { chunkSize: 1, bufferSize: AHEAD * workers, ordered: false, signal: job.signal };
    const batches = batchesOf(walk(job.folder, log), job.limit, { weight: found.weight, workers });
    for await (const { totals: part, words } of pool.map(countWords, batches, options)) {
      table.merge(words);
      for (const key of Object.keys(totals) as (keyof FileTotals)[]) totals[key] += part[key];
      watch.batch();
      bar.add(part.files + part.binary + part.unreadable);
    }
    totals.unreadable += log.unreadable;
    return { mode: `${workers} ${kind}`, ...watch.end(), totals, table };
  } finally {
    bar.end();
    await pool.shutdown();
  }
}

/** Measures the time of all batches, and of the first ones. */
class Stopwatch {
  readonly #start: number = performance.now();
  #left: number;
  #startUp = 0;

  constructor(firstBatches: number) {
    this.#left = firstBatches;
  }

  /** Records the end of a batch. */
  batch(): void {
    if (this.#left-- > 0) this.#startUp = performance.now() - this.#start;
  }

  end(): { time: number; startUp: number } {
    return { time: performance.now() - this.#start, startUp: this.#startUp };
  }
}

function workersOf({ workers }: CountJob): number {
  return workers ?? cpuCount();
}
