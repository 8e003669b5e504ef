// The tasks of graceful_stop.ts. They have a module of their own, as every worker loads it.

import { renameSync, rmSync, writeFileSync } from "node:fs";
import { delay } from "@std/async";
import { current, type Task, task } from "@heddle/heddle/task";

/** What a task has left behind when it ended. */
export type LongEnd = "complete" | "tidied up";

/**
 * Writes a file line by line, under another name until it is complete. Told to stop, it removes what is half done.
 *
 * @throws {Error} at a line of its own, if it is to fail.
 */
export const writeLong: Task<[path: string, lines: number, failsAt: number | undefined], Promise<LongEnd>> = task(
  import.meta,
  async function writeLong(path: string, lines: number, failsAt: number | undefined): Promise<LongEnd> {
    const { signal } = current()!;
    const part = `${path}.part`;
    current()!.progress("started");
    try {
      for (let line = 1; line <= lines; line++) {
        writeFileSync(part, `line ${line}\n`, { flag: "a" });
        if (line === failsAt) throw new Error(`line ${line} cannot be written`);
        await delay(10, { signal }).catch(() => {});
        if (signal.aborted) return "tidied up";
      }
      renameSync(part, path);
      return "complete";
    } finally {
      rmSync(part, { force: true });
    }
  },
);
