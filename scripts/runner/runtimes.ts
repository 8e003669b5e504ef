// Finds the runtimes of a machine: dev dependencies first, then the running one and those on the PATH.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { MODULES } from "./root.ts";

/** The name of a runtime on the command line: `node22` is the oldest supported Node. */
export type RuntimeId = "deno" | "bun" | "node" | "node22";

/** A runtime found on this machine. */
export interface FoundRuntime {
  id: RuntimeId;
  /** Name and version, for tables: `Deno 2.9.5`. */
  label: string;
  /** The path of its binary, or a name to be found on the PATH. */
  binary: string;
}

const WINDOWS = process.platform === "win32";
const NODE = join("bin", WINDOWS ? "node.exe" : "node");

const SELF = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";

const CANDIDATES: { id: RuntimeId; name: string; places: string[]; onPath?: string }[] = [
  { id: "deno", name: "Deno", places: [join("deno", WINDOWS ? "deno.exe" : "deno")], onPath: "deno" },
  { id: "bun", name: "Bun", places: [join("bun", "bin", "bun.exe")], onPath: "bun" },
  { id: "node", name: "Node", places: [join("node", NODE)], onPath: "node" },
  { id: "node22", name: "Node", places: [join("node22", NODE)] },
];

/** Finds all runtimes, or the requested ones. */
export function findRuntimes(wanted: readonly string[] = []): FoundRuntime[] {
  const found: FoundRuntime[] = [];
  for (const { id, name, places, onPath } of CANDIDATES) {
    if (wanted.length > 0 && !wanted.includes(id)) continue;
    const installed = places.map((place) => join(MODULES, place)).filter(existsSync);
    // The runtime of this script certainly exists, even if it is not on the PATH.
    const self = onPath === SELF ? [process.execPath] : [];
    for (const binary of [...installed, ...self, ...(onPath === undefined ? [] : [onPath])]) {
      const version = versionOf(binary);
      if (version === undefined || (name === "Node" && !stripsTypes(version))) continue;
      found.push({ id, label: `${name} ${version}`, binary });
      break;
    }
  }
  return found;
}

/** Returns the names on a command line that are no supported runtime. */
export function unknownRuntimes(wanted: readonly string[]): string[] {
  return wanted.filter((id) => !CANDIDATES.some((candidate) => candidate.id === id));
}

function versionOf(binary: string): string | undefined {
  const { status, stdout } = spawnSync(binary, ["--version"], { encoding: "utf8", timeout: 20_000 });
  return status === 0 ? /\d+\.\d+\.\d+/.exec(stdout)?.[0] : undefined;
}

function stripsTypes(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}
