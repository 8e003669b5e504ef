// The tasks of word_count.ts, and what they count with. They have a module of their own, as every worker loads it.

import { setImmediate as turn } from "node:timers/promises";
import { current, type Task, task } from "@heddle/heddle/task";
import { readText } from "./support/text_file.ts";

/** A word is a letter with the letters, marks, digits and underscores that follow it. */
const WORD = /\p{L}[\p{L}\p{M}\p{N}_]*/gu;

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

/** The words of a batch in two values that travel at the price of two, however many words there are. */
export interface BatchResult {
  tally: Tally;
  /** The distinct words, one per line. */
  words: string;
  /** How often each of them occurs. */
  counts: Uint32Array;
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
  counts: Map<string, number>,
  tally: Tally,
  signal?: AbortSignal,
): Promise<void> {
  let last = performance.now();
  for (const path of paths) {
    const pieces = piecesOf(path);
    let piece = pieces.next();
    for (; !piece.done; piece = pieces.next()) {
      const words = piece.value.toLowerCase().match(WORD) ?? [];
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
      tally.words += words.length;
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

/** Counts the words of some files. */
export const countWords: Task<[paths: string[]], Promise<BatchResult>> = task(
  import.meta,
  async function countWords(paths: string[]): Promise<BatchResult> {
    const counts = new Map<string, number>();
    const tally = newTally();
    await countFiles(paths, counts, tally, current()?.signal);
    return { tally, words: [...counts.keys()].join("\n"), counts: Uint32Array.from(counts.values()) };
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
function* piecesOf(path: string): Generator<string, number | "binary" | "unreadable", void> {
  try {
    return (yield* readText(path)) ?? "binary";
  } catch {
    // Not permitted, or gone since its folder was listed.
    return "unreadable";
  }
}
