// Finds the files below a folder, lazily, and puts them together in batches.

import { lstatSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ExampleError } from "./run_example.ts";

/** A batch is full when it has so many bytes, as every task should have about as much to do, */
const BATCH_BYTES = 4 * 1024 * 1024;
/** or so many files, as small ones cost time too. */
const BATCH_FILES = 512;
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

/** Puts files together in batches, at most `limit` files in all. */
export async function* batchesOf(files: AsyncIterable<FoundFile>, limit: number): AsyncGenerator<string[]> {
  let batch: string[] = [];
  let bytes = 0;
  let left = limit;
  for await (const { path, size } of files) {
    batch.push(path);
    bytes += size;
    left--;
    if (left === 0) break;
    if (bytes < BATCH_BYTES && batch.length < BATCH_FILES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}
