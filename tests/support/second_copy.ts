// Loads a second copy of the library into the same program, as a dependency may do, with a task module that uses it.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type * as library from "../../mod.ts";

/** The version of the second copy. */
export const OTHER_VERSION = "9.8.7";

/** The tasks of the second copy. */
export interface CopyTasks {
  readonly double: library.Task<[number], number>;
  readonly attempt: library.Task<[], number | undefined>;
  readonly fail: library.Task<[string], never>;
  readonly size: library.Task<[Uint8Array], number>;
}

/** A second copy and its tasks. */
export interface SecondCopy extends AsyncDisposable {
  readonly library: typeof library;
  readonly tasks: CopyTasks;
}

/** Copies the library, as source or transpiled, and loads the copy. */
export async function secondCopy(): Promise<SecondCopy> {
  const root = fileURLToPath(new URL("../../mod.ts", import.meta.url));
  const extension = extname(root);
  const folder = mkdtempSync(join(tmpdir(), "heddle-copy-"));
  cpSync(root, join(folder, `mod${extension}`));
  cpSync(join(dirname(root), "src"), join(folder, "src"), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const version = join(folder, "src", "core", `copy${extension}`);
  const text = readFileSync(version, "utf8");
  writeFileSync(version, text.replace(/VERSION = "[^"]+"/, `VERSION = "${OTHER_VERSION}"`));
  writeFileSync(
    join(folder, `tasks${extension}`),
    `import { current, TimeoutError, task } from "./mod${extension}";
export const double = task(import.meta, function double(n) { return 2 * n; });
export const attempt = task(import.meta, function attempt() { return current()?.attempt; });
export const fail = task(import.meta, function fail(message) { throw new TimeoutError(message); });
export const size = task(import.meta, function size(bytes) { return bytes.length; });
`,
  );
  const load = (name: string) => import(pathToFileURL(join(folder, `${name}${extension}`)).href);
  return {
    library: await load("mod"),
    tasks: await load("tasks"),
    [Symbol.asyncDispose]: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
  };
}
