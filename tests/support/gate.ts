// A gate that tasks wait at, wherever they run: a file that is not there yet.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Opens once and for all. */
export interface Gate {
  /** What to pass to `waitForFile`. */
  readonly path: string;
  open(): void;
}

/** A folder of its own for a test. */
export class Folder {
  readonly path: string = mkdtempSync(join(tmpdir(), "heddle-test-"));
  #gates = 0;

  /** Makes a gate. */
  gate(): Gate {
    const path = join(this.path, `gate-${++this.#gates}`);
    return { path, open: () => writeFileSync(path, "") };
  }

  /** Names a file that is not there yet. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Opens all gates. */
  openAll(): void {
    for (let i = 1; i <= this.#gates; i++) writeFileSync(join(this.path, `gate-${i}`), "");
  }

  /** Removes everything. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
