// The three ways of counting words: one thread, threads, processes.

import { setImmediate as turn } from "node:timers/promises";
import { type Executor, ProcessPoolExecutor, ThreadPoolExecutor } from "@heddle/heddle";
import { type BatchResult, countFile, countWords, newTally, readFiles, type Tally } from "../word_tasks.ts";
import { ProgressBar } from "./progress_bar.ts";
import { batchesOf, walk, WalkLog } from "./walk.ts";

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
  tally: Tally;
  counts: Map<string, number>;
}

/** What a first look at the folder has found. */
export interface Survey {
  files: number;
  fingerprint: string;
}

/** Reads everything once: no mode pays for a cold disk then, and the bars know where they will end. */
export async function survey({ folder, limit, workers, signal }: CountJob): Promise<Survey> {
  const log = new WalkLog();
  const bar = new ProgressBar("reading");
  const pool = new ThreadPoolExecutor({ maxWorkers: workers });
  let files = 0;
  try {
    const options = { bufferSize: AHEAD * pool.maxWorkers, ordered: false, signal };
    for await (const count of pool.map(readFiles, batchesOf(walk(folder, log), limit), options)) {
      files += count;
      bar.add(count);
    }
    return { files, fingerprint: log.fingerprint };
  } finally {
    bar.end();
    await pool.shutdown();
  }
}

/** Counts in the calling thread, as a program without pools would. */
export async function countAlone({ folder, limit, signal }: CountJob, total: number): Promise<CountOutcome> {
  const start = performance.now();
  const log = new WalkLog();
  const tally = newTally();
  const counts = new Map<string, number>();
  const bar = new ProgressBar("one thread", total);
  try {
    for await (const batch of batchesOf(walk(folder, log), limit)) {
      for (const path of batch) countFile(path, counts, tally);
      bar.add(batch.length);
      // Otherwise nobody would hear Ctrl-C.
      await turn();
      signal.throwIfAborted();
    }
  } finally {
    bar.end();
  }
  tally.unreadable += log.unreadable;
  return { mode: "one thread", time: performance.now() - start, tally, counts };
}

/** Counts in a pool of threads. */
export async function countOnThreads(job: CountJob, total: number): Promise<CountOutcome> {
  return await countInPool("threads", () => new ThreadPoolExecutor({ maxWorkers: job.workers }), job, total);
}

/** Counts in a pool of processes. */
export async function countInProcesses(job: CountJob, total: number): Promise<CountOutcome> {
  return await countInPool("processes", () => new ProcessPoolExecutor({ maxWorkers: job.workers }), job, total);
}

async function countInPool(kind: string, open: () => Executor, job: CountJob, total: number): Promise<CountOutcome> {
  const start = performance.now();
  const log = new WalkLog();
  const tally = newTally();
  const counts = new Map<string, number>();
  const bar = new ProgressBar(kind, total);
  const pool = open();
  let time = 0;
  try {
    // Which batch is merged first makes no difference, so none has to wait for another.
    const options = { bufferSize: AHEAD * pool.maxWorkers, ordered: false, signal: job.signal };
    const results = pool.map(countWords, batchesOf(walk(job.folder, log), job.limit), options);
    for await (const result of results) {
      merge(result, counts, tally);
      bar.add(result.tally.files + result.tally.binary + result.tally.unreadable);
    }
    time = performance.now() - start;
  } finally {
    bar.end();
    await pool.shutdown();
  }
  tally.unreadable += log.unreadable;
  return { mode: `${pool.maxWorkers} ${kind}`, time, tally, counts };
}

function merge(result: BatchResult, counts: Map<string, number>, tally: Tally): void {
  const words = result.words === "" ? [] : result.words.split("\n");
  for (let i = 0; i < words.length; i++) counts.set(words[i]!, (counts.get(words[i]!) ?? 0) + result.counts[i]!);
  for (const key of Object.keys(tally) as (keyof Tally)[]) tally[key] += result.tally[key];
}
