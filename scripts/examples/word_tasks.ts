// The tasks of word_count.ts, and what they count with. They have a module of their own, as every worker loads it.

import { type Task, task } from "@heddle/heddle";
import { readText } from "./support/text_file.ts";

/** A word is a letter with the letters, marks, digits and underscores that follow it. */
const WORD = /\p{L}[\p{L}\p{M}\p{N}_]*/gu;

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

/** Adds the words of a file, in lower case, to those counted so far. A file that cannot be read is counted as such. */
export function countFile(path: string, counts: Map<string, number>, tally: Tally): void {
  try {
    const bytes = readText(path, (text) => {
      const words = text.toLowerCase().match(WORD) ?? [];
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
      tally.words += words.length;
    });
    if (bytes === undefined) tally.binary++;
    else {
      tally.files++;
      tally.bytes += bytes;
    }
  } catch {
    // Not permitted, or gone since its folder was listed.
    tally.unreadable++;
  }
}

/** Counts the words of some files. */
export const countWords: Task<[paths: string[]], BatchResult> = task(
  import.meta,
  function countWords(paths: string[]): BatchResult {
    const counts = new Map<string, number>();
    const tally = newTally();
    for (const path of paths) countFile(path, counts, tally);
    return { tally, words: [...counts.keys()].join("\n"), counts: Uint32Array.from(counts.values()) };
  },
);

/** Reads some files without counting, so that afterwards they are in memory for every mode alike. */
export const readFiles: Task<[paths: string[]], number> = task(
  import.meta,
  function readFiles(paths: string[]): number {
    for (const path of paths) {
      try {
        readText(path, () => {});
      } catch {
        // It is reported when its words are to be counted.
      }
    }
    return paths.length;
  },
);
