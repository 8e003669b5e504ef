// Copies the source of the library with a replaced memory and clock.

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The parts of the copy that a test uses. */
export interface Source {
  readonly sync: typeof import("../../../src/sync/mod.ts");
  readonly threads: typeof import("../../../src/core/thread_table.ts");
  /** Marks primitives as shared with other threads. */
  share<P extends object>(primitives: P): P;
}

/** Copies the source; returns its URL, which ends with a slash. */
export function copySource(): string {
  const folder = mkdtempSync(join(tmpdir(), "heddle-stepping-"));
  const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  cpSync(pathOf("../../../src"), folder, { recursive: true });
  for (const path of ["core/cell.ts", "time/system_clock.ts", "sync/memory.ts"]) {
    cpSync(pathOf("replaced.ts"), join(folder, path));
  }
  return `${pathToFileURL(folder).href}/`;
}

/** Removes the copy. */
export function removeSource(url: string): void {
  rmSync(fileURLToPath(url), { recursive: true, force: true });
}

/** Loads the copy into this thread, which must already have a stepper. */
export async function loadSource(url: string): Promise<Source> {
  return {
    sync: await import(`${url}sync/mod.ts`),
    threads: await import(`${url}core/thread_table.ts`),
    share: (primitives) => {
      for (const primitive of Object.values(primitives)) primitive[Symbol.for("heddle.stepper")]();
      return primitives;
    },
  };
}
