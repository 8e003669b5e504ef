// Deno's caches for the test files under way: one each, filled beforehand.

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "./root.ts";

/** Programs that tests start; no test imports them. */
const PROGRAMS = "tests/fixtures/programs";

/** The cache in a folder. */
export function cacheIn(folder: string): string {
  return join(folder, "deno");
}

/**
 * Fills the cache of a folder with the test files and what they import. With an empty one, a thread that starts while its
 * program still fills the cache now and then does not start at all on Deno 2.9.
 */
export function fillCache(deno: string, files: readonly string[], folder: string): void {
  const programs = readdirSync(join(ROOT, PROGRAMS)).filter((name) => name.endsWith(".ts"));
  const args = ["cache", "--quiet", "--no-check", ...files, ...programs.map((name) => `${PROGRAMS}/${name}`)];
  mkdirSync(cacheIn(folder), { recursive: true });
  // What cannot be loaded fails in its test.
  spawnSync(deno, args, {
    cwd: ROOT,
    env: { ...process.env, DENO_DIR: cacheIn(folder) },
    stdio: "ignore",
    timeout: 120_000,
  });
}

/** Copies the cache of one folder to another; files that are there already stay. */
export function copyCache(from: string, to: string): void {
  cpSync(cacheIn(from), cacheIn(to), { recursive: true, force: false });
}
