// Implements gates for tasks in any worker: a task waits until a file exists.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Opens the gate for good. */
export interface Gate {
  /** The path to pass to `waitForFile`. */
  readonly path: string;
  open(): void;
}

/** A temporary folder for one test. */
export class Folder {
  readonly path: string = mkdtempSync(join(tmpdir(), "heddle-test-"));
  #gates = 0;

  /** Creates a gate. */
  gate(): Gate {
    const path = join(this.path, `gate-${++this.#gates}`);
    return { path, open: () => writeFileSync(path, "") };
  }

  /** Returns the path of a file that does not exist yet. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Opens all gates. */
  openAll(): void {
    for (let i = 1; i <= this.#gates; i++) writeFileSync(join(this.path, `gate-${i}`), "");
  }

  /** Removes the folder. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
