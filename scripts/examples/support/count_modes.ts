// The three ways of counting words: one thread, threads, processes.

import { abortable } from "@std/async";
import { cpuCount, type Executor, ProcessPoolExecutor, ThreadPoolExecutor } from "@heddle/heddle";
import { countFiles, countWords, type FileTotals, newTotals, readFiles } from "../word_tasks.ts";
import { ProgressBar } from "./progress_bar.ts";
import { batchesOf, type FoundFile, walk, WalkLog, weightOf } from "./walk.ts";
import { WordTable } from "./word_table.ts";

/** Batches that a pool takes ahead, per worker: enough to keep it busy, without walking further than needed. */
const AHEAD = 4;

/** The folder to count, and the number of workers. */
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

/** The result of the walk through the folder. */
export interface Survey {
  files: number;
  /** The files in batches: the same for every mode, so that the times are those of counting. */
  batches: string[][];
  /** The number of folders and files that could not be examined. */
  unreadable: number;
  fingerprint: string;
}

/** Reads everything once, so that no mode pays for the walk or for a cold disk, and divides the files into batches. */
export async function survey({ folder, limit, workers, signal }: CountJob): Promise<Survey> {
  const log = new WalkLog();
  const bar = new ProgressBar("reading");
  const pool = new ThreadPoolExecutor({ maxWorkers: workers });
  const found: FoundFile[] = [];
  let files = 0;
  let bytes = 0;
  try {
    const options = { bufferSize: AHEAD * pool.maxWorkers, ordered: false };
    const walked = kept(abortable(walk(folder, log), signal), found);
    for await (const part of pool.map(readFiles, batchesOf(walked, limit), options)) {
      files += part.files;
      bytes += part.bytes;
      bar.add(part.files);
    }
    const plan = { weight: weightOf(files, bytes), workers: pool.maxWorkers };
    const batches = await Array.fromAsync(batchesOf(found, limit, plan));
    return { files, batches, unreadable: log.unreadable, fingerprint: log.fingerprint };
  } finally {
    bar.end();
    await pool.shutdown();
  }
}

/** Adds the files that pass by to a list. */
async function* kept(files: AsyncIterable<FoundFile>, list: FoundFile[]): AsyncGenerator<FoundFile> {
  for await (const file of files) {
    list.push(file);
    yield file;
  }
}

/** Counts in the calling thread, as a program without pools would. */
export async function countAlone(job: CountJob, found: Survey): Promise<CountOutcome> {
  const totals = newTotals();
  const table = new WordTable();
  const bar = new ProgressBar("one thread", found.files);
  const watch = new Stopwatch(workersOf(job));
  try {
    for (const batch of found.batches) {
      await countFiles(batch, table, totals, job.signal);
      watch.batch();
      bar.add(batch.length);
    }
  } finally {
    bar.end();
  }
  totals.unreadable += found.unreadable;
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
  const totals = newTotals();
  const table = new WordTable();
  const bar = new ProgressBar(kind, found.files);
  const workers = workersOf(job);
  const watch = new Stopwatch(workers);
  const pool = open();
  try {
    // The merge order makes no difference, so batches need not wait for each other.
    const options = { chunkSize: 1, bufferSize: AHEAD * workers, ordered: false, signal: job.signal };
    for await (const { totals: part, words } of pool.map(countWords, found.batches, options)) {
      table.merge(words);
      for (const key of Object.keys(totals) as (keyof FileTotals)[]) totals[key] += part[key];
      watch.batch();
      bar.add(part.files + part.binary + part.unreadable);
    }
    totals.unreadable += found.unreadable;
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
