// Tasks of graceful_stop.ts, in a module of their own: every worker loads the module of its task.

import { renameSync, rmSync, writeFileSync } from "node:fs";
import { delay } from "@std/async";
import { current, type Task, task } from "@heddle/heddle/task";

/** How a task ended: its file is complete, or was removed. */
export type LongEnd = "complete" | "tidied up";

/**
 * Writes a file line by line, under another name until it is complete. On an abort, it removes the unfinished file.
 *
 * @throws {Error} at line `failsAt`, if that is given.
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
