// The tasks of word_count.ts, and what they count with. They have a module of their own, as every worker loads it.

import { setImmediate as turn } from "node:timers/promises";
import { current, type Task, task, transfer } from "@heddle/heddle/task";
import { readPieces } from "./support/text_file.ts";
import { type WordCounts, WordTable } from "./support/word_table.ts";

/** The event loop gets a turn after this many milliseconds. */
const TURN = 20;

/** What became of some files. */
export interface Tally {
  /** Text files that were read. */
  files: number;
  binary: number;
  unreadable: number;
  /** Bytes of the text files. */
  bytes: number;
  words: number;
}

/** What was found in a batch of files. */
export interface BatchResult {
  tally: Tally;
  words: WordCounts;
}

/** Makes an empty tally. */
export function newTally(): Tally {
  return { files: 0, binary: 0, unreadable: 0, bytes: 0, words: 0 };
}

/**
 * Adds the words of some files, in lower case, to those counted so far. A file that cannot be read is counted as such.
 *
 * The event loop gets a turn every few milliseconds, as otherwise nothing would hear of an abort.
 *
 * @throws the reason of the signal once it has fired.
 */
export async function countFiles(
  paths: readonly string[],
  table: WordTable,
  tally: Tally,
  signal?: AbortSignal,
): Promise<void> {
  let last = performance.now();
  for (const path of paths) {
    const pieces = piecesOf(path);
    let piece = pieces.next();
    for (; !piece.done; piece = pieces.next()) {
      tally.words += table.add(piece.value);
      if (performance.now() - last < TURN) continue;
      await turn();
      signal?.throwIfAborted();
      last = performance.now();
    }
    if (piece.value === "unreadable" || piece.value === "binary") tally[piece.value]++;
    else {
      tally.files++;
      tally.bytes += piece.value;
    }
  }
}

/** Counts the words of some files. The words are moved to the caller, not copied. */
export const countWords: Task<[paths: string[]], Promise<BatchResult>> = task(
  import.meta,
  async function countWords(paths: string[]): Promise<BatchResult> {
    const table = new WordTable();
    const tally = newTally();
    await countFiles(paths, table, tally, current()?.signal);
    const words = table.toCounts();
    return transfer({ tally, words }, Object.values(words).map(({ buffer }) => buffer));
  },
);

/** Reads some files without counting, so that afterwards they are in memory for every mode alike. */
export const readFiles: Task<[paths: string[]], { files: number; bytes: number }> = task(
  import.meta,
  function readFiles(paths: string[]): { files: number; bytes: number } {
    let bytes = 0;
    for (const path of paths) {
      const pieces = piecesOf(path);
      let piece = pieces.next();
      while (!piece.done) piece = pieces.next();
      if (typeof piece.value === "number") bytes += piece.value;
    }
    return { files: paths.length, bytes };
  },
);

/** Yields the pieces of a text file, and returns its size or why there is none. */
function* piecesOf(path: string): Generator<Uint8Array, number | "binary" | "unreadable", void> {
  try {
    return (yield* readPieces(path)) ?? "binary";
  } catch {
    // Not permitted, or gone since its folder was listed.
    return "unreadable";
  }
}
