// Fills a Deno cache for the test files, and copies it for each parallel job.

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "./root.ts";

/** Programs that tests start without importing them. */
const PROGRAMS = "tests/fixtures/programs";

/** The cache in a folder. */
export function cacheIn(folder: string): string {
  return join(folder, "deno");
}

/**
 * Fills the cache of a folder with the test files and their imports. On Deno 2.9, a thread that starts while its program still
 * fills an empty cache occasionally does not start at all.
 */
export function fillCache(deno: string, files: readonly string[], folder: string): void {
  const programs = readdirSync(join(ROOT, PROGRAMS)).filter((name) => name.endsWith(".ts"));
  const args = ["cache", "--quiet", "--no-check", ...files, ...programs.map((name) => `${PROGRAMS}/${name}`)];
  mkdirSync(cacheIn(folder), { recursive: true });
  // A file that cannot be loaded fails in its test.
  spawnSync(deno, args, {
    cwd: ROOT,
    env: { ...process.env, DENO_DIR: cacheIn(folder) },
    stdio: "ignore",
    timeout: 120_000,
  });
}

/** Copies the cache of one folder to another; existing files stay. */
export function copyCache(from: string, to: string): void {
  cpSync(cacheIn(from), cacheIn(to), { recursive: true, force: false });
}
