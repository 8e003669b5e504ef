// Tasks of word_count.ts, in a module of their own: every worker loads the module of its task.

import { setImmediate as turn } from "node:timers/promises";
import { current, type Task, task, transfer } from "@heddle/heddle/task";
import { readPieces } from "./support/text_file.ts";
import { type WordCounts, WordTable } from "./support/word_table.ts";

/** Milliseconds after which a task yields to the event loop. */
const TURN = 20;

/** Totals over a number of files. */
export interface FileTotals {
  /** Text files that were read. */
  files: number;
  binary: number;
  unreadable: number;
  /** The size of the text files, in bytes. */
  bytes: number;
  words: number;
}

/** The totals and the words of a batch of files. */
export interface BatchResult {
  totals: FileTotals;
  words: WordCounts;
}

/** Returns totals of 0. */
export function newTotals(): FileTotals {
  return { files: 0, binary: 0, unreadable: 0, bytes: 0, words: 0 };
}

/**
 * Adds the words of some files, in lower case, to the table. An unreadable file is counted as such.
 *
 * Yields to the event loop every few milliseconds; otherwise an abort could not be delivered.
 *
 * @throws the reason of the signal once it is aborted.
 */
export async function countFiles(
  paths: readonly string[],
  table: WordTable,
  totals: FileTotals,
  signal?: AbortSignal,
): Promise<void> {
  let last = performance.now();
  for (const path of paths) {
    const pieces = piecesOf(path);
    let piece = pieces.next();
    for (; !piece.done; piece = pieces.next()) {
      totals.words += table.add(piece.value);
      if (performance.now() - last < TURN) continue;
      await turn();
      signal?.throwIfAborted();
      last = performance.now();
    }
    if (piece.value === "unreadable" || piece.value === "binary") totals[piece.value]++;
    else {
      totals.files++;
      totals.bytes += piece.value;
    }
  }
}

/** Counts the words of some files. The counts are transferred to the caller, not copied. */
export const countWords: Task<[paths: string[]], Promise<BatchResult>> = task(
  import.meta,
  async function countWords(paths: string[]): Promise<BatchResult> {
    const table = new WordTable();
    const totals = newTotals();
    await countFiles(paths, table, totals, current()?.signal);
    const words = table.toCounts();
    return transfer({ totals, words }, Object.values(words).map(({ buffer }) => buffer));
  },
);

/** Reads files without counting, so that all modes find them in the file system's cache. */
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

/** Yields the pieces of a text file. Returns its size, or the reason why it has no text. */
function* piecesOf(path: string): Generator<Uint8Array, number | "binary" | "unreadable", void> {
  try {
    return (yield* readPieces(path)) ?? "binary";
  } catch {
    // Not permitted, or deleted since its folder was listed.
    return "unreadable";
  }
}
