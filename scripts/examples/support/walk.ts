// Walks the files below a folder lazily and groups them into batches.

import { closeSync, lstatSync, openSync, readSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ExampleError } from "./run_example.ts";
import { HEAD } from "./text_file.ts";

/** The size of a batch without a plan, in bytes and in files. */
const BATCH_BYTES = 4 * 1024 * 1024, BATCH_FILES = 512;
/** The smallest and the largest batch of a plan, and its first batches, which end soon after a worker has started. */
const LEAST = 1024 * 1024, MOST = 32 * 1024 * 1024, FIRST = 256 * 1024;
/** Opening a small file takes as long as counting this many bytes. */
const BYTES_PER_FILE = 4 * 1024;
/** Files of this size or more are opened before they are weighed: a large binary file costs almost no time. */
const LARGE = 1024 * 1024;
/** The reason why a folder cannot be read, by error code. */
const REASONS: Record<string, string> = {
  ENOENT: "it does not exist",
  ENOTDIR: "it is not a folder",
  EACCES: "it is not permitted to read it",
};

/** A file. */
export interface FoundFile {
  path: string;
  size: number;
}

/** The totals of a walk. */
export class WalkLog {
  files = 0;
  /** Folders and files that could not be read: not permitted, or deleted in the meantime. */
  unreadable = 0;
  #size = 0;
  #modified = 0;

  /** Records a file. */
  add(size: number, modified: number): void {
    this.files++;
    this.#size += size;
    this.#modified += modified;
  }

  /** A summary that is equal for two walks over the same files, in any order. */
  get fingerprint(): string {
    return `${this.files} ${this.unreadable} ${this.#size} ${Math.round(this.#modified)}`;
  }
}

/**
 * Checks that a folder exists and can be read.
 *
 * @throws {ExampleError} if it does not exist or cannot be read.
 */
export async function requireFolder(folder: string): Promise<void> {
  try {
    await readdir(folder);
  } catch (error) {
    const { code = "", message } = error as Error & { code?: string };
    throw new ExampleError(`Cannot count words in ${folder}: ${REASONS[code] ?? message}`);
  }
}

/** Yields files, one folder after another. Links are not followed: they could lead out of the folder, or in circles. */
export async function* walk(folder: string, log: WalkLog): AsyncGenerator<FoundFile> {
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const entries = await readdir(next, { withFileTypes: true }).catch(() => undefined);
    if (entries === undefined) log.unreadable++;
    for (const entry of entries ?? []) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) {
        // An asynchronous call per file takes three times as long.
        const stats = lstatSync(path, { throwIfNoEntry: false });
        if (stats === undefined) log.unreadable++;
        else {
          log.add(stats.size, stats.mtimeMs);
          yield { path, size: stats.size };
        }
      }
    }
  }
}

/** The input for the sizes of batches. */
export interface BatchPlan {
  /** The weight of all files: the size of the text files in bytes, plus the {@linkcode weightOf} an empty file for each. */
  weight: number;
  workers: number;
}

/** Weighs files by the time they take to count, expressed in bytes. */
export function weightOf(files: number, bytes: number): number {
  return files * BYTES_PER_FILE + bytes;
}

/**
 * Groups files into batches, at most `limit` files in total.
 *
 * With a plan, the first batches are small, one per worker. Each later batch is a share of the rest: large at first, because
 * merging costs time per batch, and small at the end, so that all workers finish together.
 */
export async function* batchesOf(
  files: Iterable<FoundFile> | AsyncIterable<FoundFile>,
  limit: number,
  plan?: BatchPlan,
): AsyncGenerator<string[]> {
  const size = batchSizes(plan);
  let batch: string[] = [];
  let weight = 0;
  let target = size(0);
  let left = limit;
  for await (const { path, size: bytes } of files) {
    batch.push(path);
    weight += plan === undefined ? bytes : weightOf(1, bytes >= LARGE && isBinary(path) ? 0 : bytes);
    left--;
    if (left === 0) break;
    if (weight < target && (plan !== undefined || batch.length < BATCH_FILES)) continue;
    yield batch;
    target = size(weight);
    batch = [];
    weight = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Returns a function that takes the weight of the last batch and returns the target weight of the next. */
function batchSizes(plan: BatchPlan | undefined): (weight: number) => number {
  if (plan === undefined) return () => BATCH_BYTES;
  let left = plan.weight;
  let batches = 0;
  return (weight) => {
    left -= weight;
    if (batches++ < plan.workers) return FIRST;
    return Math.min(MOST, Math.max(LEAST, left / (2 * plan.workers)));
  };
}

/** Tells whether a file is binary, that is, has a NUL byte among its first bytes, as git and grep do. */
function isBinary(path: string): boolean {
  try {
    const file = openSync(path, "r");
    try {
      const head = new Uint8Array(HEAD);
      return head.subarray(0, readSync(file, head, 0, HEAD, null)).includes(0);
    } finally {
      closeSync(file);
    }
  } catch {
    // Counting its words will report the error.
    return true;
  }
}
