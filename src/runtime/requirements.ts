/**
 * Checks the version of the runtime, before any code that an older one cannot run.
 *
 * @module
 */

import process from "node:process";

/** The oldest supported version of each runtime: major and minor. */
const OLDEST: readonly (readonly [key: string, name: string, major: number, minor: number])[] = [
  ["deno", "Deno", 2, 9],
  ["bun", "Bun", 1, 4],
  ["node", "Node", 22, 18],
];

/** The name of the runtime in `process.versions`. Deno and Bun also list a version of Node. */
export type RuntimeName = "deno" | "bun" | "node";

/**
 * Returns the runtime that has these versions.
 *
 * The globals `Deno` and `Bun` are the tempting signs. But the contexts of test runners lack them, and programs define
 * replacements.
 *
 * @throws {Error} if the runtime is too old or unknown.
 */
export function requireRuntime(versions: Readonly<Record<string, string | undefined>> | undefined): RuntimeName {
  for (const [key, name, major, minor] of OLDEST) {
    const version = versions?.[key];
    if (version === undefined) continue;
    const [ours = 0, theirs = 0] = String(version).split(".").map(Number);
    if (ours > major || (ours === major && theirs >= minor)) return key as RuntimeName;
    throw new Error(`Cannot load Heddle: ${name} ${major}.${minor} or newer is needed: current version is ${version}`);
  }
  const needed = OLDEST.map(([, name, major, minor]) => `${name} ${major}.${minor}`).join(", ");
  throw new Error(`Cannot load Heddle: one of ${needed} or newer is needed: current runtime is none of them`);
}

/** The name of the runtime of this program. */
export const runtimeName: RuntimeName = requireRuntime(process.versions);
