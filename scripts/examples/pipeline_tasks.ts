// Tasks of pipeline.ts, one for each stage, in a module of their own: every worker loads the module of its task.

import type { SharedQueue } from "@heddle/heddle/queue";
import { type Task, task } from "@heddle/heddle/task";
import { readText } from "./support/text_file.ts";

const WORD = /\p{L}[\p{L}\p{M}\p{N}_]*/gu;

/** Words and their counts. */
export type Counts = Map<string, number>;

/** The files that a thread has read. */
export interface FilesRead {
  files: number;
  /** Binary or unreadable files. */
  skipped: number;
}

/** Reads files piece by piece. */
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
        // File system errors have a string as code. Every other error goes to the caller that awaits the thread.
        if (typeof (error as { code?: unknown }).code !== "string") throw error;
        read.skipped++;
      }
      // Only when all pieces are in the next queue: callers that joined this one rely on that.
      paths.taskDone();
    }
    return read;
  },
);

/** Counts the words of pieces, and returns the number of pieces. */
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

/** Adds up the counts of all pieces. */
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
