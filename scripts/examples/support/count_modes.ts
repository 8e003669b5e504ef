// The three ways of counting words: one thread, threads, processes.

import { abortable } from "@std/async";
import { cpuCount, type Executor, ProcessPoolExecutor, ThreadPoolExecutor } from "@heddle/heddle";
import { countFiles, countWords, newTally, readFiles, type Tally } from "../word_tasks.ts";
import { ProgressBar } from "./progress_bar.ts";
import { batchesOf, walk, WalkLog, weightOf } from "./walk.ts";
import { WordTable } from "./word_table.ts";

/** Batches a pool takes ahead, per worker: enough to keep it busy, few enough to walk no further than needed. */
const AHEAD = 4;

/** What is counted, and by how many. */
export interface CountJob {
  folder: string;
  limit: number;
  workers: number | undefined;
  signal: AbortSignal;
}

/** What a mode has found. */
export interface CountOutcome {
  mode: string;
  /** Milliseconds, the start of the workers included. */
  time: number;
  /** Milliseconds until the first batches were done, one for each worker: above all what it took to start them. */
  startUp: number;
  tally: Tally;
  table: WordTable;
}

/** What a first look at the folder has found. */
export interface Survey {
  files: number;
  /** What the files weigh, for a {@linkcode BatchPlan}. */
  weight: number;
  fingerprint: string;
}

/** Reads everything once: no mode pays for a cold disk then, and the bars and the batches know how much there is. */
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
  const tally = newTally();
  const table = new WordTable();
  const bar = new ProgressBar("one thread", found.files);
  const workers = workersOf(job);
  const watch = new Stopwatch(workers);
  try {
    const batches = batchesOf(walk(folder, log), limit, { weight: found.weight, workers });
    for await (const batch of abortable(batches, signal)) {
      await countFiles(batch, table, tally, signal);
      watch.batch();
      bar.add(batch.length);
    }
  } finally {
    bar.end();
  }
  tally.unreadable += log.unreadable;
  return { mode: "one thread", ...watch.end(), tally, table };
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
  const tally = newTally();
  const table = new WordTable();
  const bar = new ProgressBar(kind, found.files);
  const workers = workersOf(job);
  const watch = new Stopwatch(workers);
  const pool = open();
  try {
    // Which batch is merged first makes no difference, so none has to wait for another.
    const options = { chunkSize: 1, bufferSize: AHEAD * workers, ordered: false, signal: job.signal };
    const batches = batchesOf(walk(job.folder, log), job.limit, { weight: found.weight, workers });
    for await (const { tally: part, words } of pool.map(countWords, batches, options)) {
      table.merge(words);
      for (const key of Object.keys(tally) as (keyof Tally)[]) tally[key] += part[key];
      watch.batch();
      bar.add(part.files + part.binary + part.unreadable);
    }
    tally.unreadable += log.unreadable;
    return { mode: `${workers} ${kind}`, ...watch.end(), tally, table };
  } finally {
    bar.end();
    await pool.shutdown();
  }
}

/** Measures how long all batches take, and the first ones of them. */
class Stopwatch {
  readonly #start: number = performance.now();
  #left: number;
  #startUp = 0;

  constructor(firstBatches: number) {
    this.#left = firstBatches;
  }

  /** Says that a batch is done. */
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
