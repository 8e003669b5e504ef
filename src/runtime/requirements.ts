/**
 * The versions of the runtimes that this library needs, checked before anything that an older one lacks.
 *
 * @module
 */

import process from "node:process";

/** The oldest version of each runtime: major and minor. */
const OLDEST: readonly (readonly [key: string, name: string, major: number, minor: number])[] = [
  ["deno", "Deno", 2, 9],
  ["bun", "Bun", 1, 4],
  ["node", "Node", 22, 18],
];

/** The name of the runtime among its versions. Deno and Bun also name a version of Node. */
export type RuntimeName = "deno" | "bun" | "node";

/**
 * Returns the runtime that has these versions, if it is new enough.
 *
 * The globals `Deno` and `Bun` are the tempting signs: the contexts that test runners make are without them, and programs
 * define them as stand-ins.
 *
 * @throws {Error} if it is too old, or none of the three.
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

/** The runtime this program runs on. */
export const runtimeName: RuntimeName = requireRuntime(process.versions);
