// The stages of pipeline.ts. They have a module of their own, as every worker loads the module its task is in.

import type { SharedQueue } from "@heddle/heddle/queue";
import { type Task, task } from "@heddle/heddle/task";
import { readText } from "./support/text_file.ts";

const WORD = /\p{L}[\p{L}\p{M}\p{N}_]*/gu;

/** How often each word occurs in something. */
export type Counts = Map<string, number>;

/** What a thread has read. */
export interface FilesRead {
  files: number;
  /** Files that are no text, or that cannot be read. */
  skipped: number;
}

/** Reads files, piece by piece. */
export const readFiles: Task<[paths: SharedQueue<string>, texts: SharedQueue<string>], Promise<FilesRead>> = task(
  import.meta,
  async function readFiles(paths: SharedQueue<string>, texts: SharedQueue<string>): Promise<FilesRead> {
    const read: FilesRead = { files: 0, skipped: 0 };
    for await (const path of paths) {
      try {
        const pieces = readText(path);
        let piece = pieces.next();
        for (; !piece.done; piece = pieces.next()) await texts.put(piece.value);
        if (piece.value === undefined) read.skipped++;
        else read.files++;
      } catch (error) {
        // What the system says about a file has a code that is a word. Everything else is for who waits for the thread.
        if (typeof (error as { code?: unknown }).code !== "string") throw error;
        read.skipped++;
      }
      // Not before all of it is in the next queue: who has joined this one knows that.
      paths.taskDone();
    }
    return read;
  },
);

/** Counts the words of pieces, and returns how many pieces there were. */
export const countTexts: Task<[texts: SharedQueue<string>, counts: SharedQueue<Counts>], Promise<number>> = task(
  import.meta,
  async function countTexts(texts: SharedQueue<string>, counts: SharedQueue<Counts>): Promise<number> {
    let pieces = 0;
    for await (const text of texts) {
      const found: Counts = new Map();
      for (const word of text.toLowerCase().match(WORD) ?? []) found.set(word, (found.get(word) ?? 0) + 1);
      await counts.put(found);
      texts.taskDone();
      pieces++;
    }
    return pieces;
  },
);

/** Adds up what was counted of all pieces. */
export const mergeCounts: Task<[counts: SharedQueue<Counts>], Promise<{ pieces: number; total: Counts }>> = task(
  import.meta,
  async function mergeCounts(counts: SharedQueue<Counts>): Promise<{ pieces: number; total: Counts }> {
    let pieces = 0;
    const total: Counts = new Map();
    for await (const found of counts) {
      for (const [word, count] of found) total.set(word, (total.get(word) ?? 0) + count);
      counts.taskDone();
      pieces++;
    }
    return { pieces, total };
  },
);
