// Finds the files below a folder, lazily, and puts them together in batches.

import { closeSync, lstatSync, openSync, readSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ExampleError } from "./run_example.ts";
import { HEAD } from "./text_file.ts";

/** The bytes and the files of a batch where nothing is known of the whole. */
const BATCH_BYTES = 4 * 1024 * 1024, BATCH_FILES = 512;
/** The smallest and the largest batch of a plan, and its first ones, which are done as soon as a worker has started. */
const LEAST = 1024 * 1024, MOST = 32 * 1024 * 1024, FIRST = 256 * 1024;
/** Opening a small file costs as much time as counting this many bytes. */
const BYTES_PER_FILE = 4 * 1024;
/** Files from this size on are looked into before they are weighed: a large binary file costs next to nothing. */
const LARGE = 1024 * 1024;
/** Why a folder cannot be read, by the code of the error. */
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

/** What a walk has seen so far. */
export class WalkLog {
  files = 0;
  /** Folders and files that could not be looked at: not permitted, or gone in the meantime. */
  unreadable = 0;
  #size = 0;
  #modified = 0;

  /** Notes a file. */
  add(size: number, modified: number): void {
    this.files++;
    this.#size += size;
    this.#modified += modified;
  }

  /** Two walks that saw the same files have the same fingerprint, in whatever order they saw them. */
  get fingerprint(): string {
    return `${this.files} ${this.unreadable} ${this.#size} ${Math.round(this.#modified)}`;
  }
}

/**
 * Checks that there is a folder to walk through.
 *
 * @throws {ExampleError} if there is none, or none that can be read.
 */
export async function requireFolder(folder: string): Promise<void> {
  try {
    await readdir(folder);
  } catch (error) {
    const { code = "", message } = error as Error & { code?: string };
    throw new ExampleError(`Cannot count words in ${folder}: ${REASONS[code] ?? message}`);
  }
}

/** Finds files, one folder after the other. Links are not followed: they could lead out of the folder, or in circles. */
export async function* walk(folder: string, log: WalkLog): AsyncGenerator<FoundFile> {
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const entries = await readdir(next, { withFileTypes: true }).catch(() => undefined);
    if (entries === undefined) log.unreadable++;
    for (const entry of entries ?? []) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) {
        // Waiting for each size takes three times as long as asking for it on the spot.
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

/** How large batches are. */
export interface BatchPlan {
  /** What all files weigh together: the bytes of the text files, and {@linkcode weightOf} an empty file for each. */
  weight: number;
  workers: number;
}

/** Weighs files by the time they take to count, in bytes. */
export function weightOf(files: number, bytes: number): number {
  return files * BYTES_PER_FILE + bytes;
}

/**
 * Puts files together in batches, at most `limit` files in all.
 *
 * With a plan, the first batches are small, one for each worker. Those that follow are a share of what is left: large
 * at first, as the words of each batch have to be merged, and small at the end, so that all workers end together.
 */
export async function* batchesOf(
  files: AsyncIterable<FoundFile>,
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

/** Returns a function that is told what a batch weighed, and says what the next one should weigh. */
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

/** Tells whether a file is binary: a NUL byte is among its first bytes; git and grep decide the same way. */
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
    // It is reported when its words are to be counted.
    return true;
  }
}
