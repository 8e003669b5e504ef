// Finds the program of a Redis or Valkey server for tests, examples and benches, without an installation.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { MODULES } from "../runner/root.ts";

/** How to start a server. */
export interface ServerProgram {
  readonly path: string;
  /** The folders of its libraries, if it is not installed. */
  readonly libraries: readonly string[];
}

const NAMES = ["valkey-server", "redis-server"];
const CACHE = join(MODULES, ".cache", "heddle-redis");
/** The names of Debian's packages, newer first. */
const PACKAGES = ["valkey-server", "redis-server"];
/** The time limit of one step of a download, in milliseconds. */
const LIMIT = 60_000;

/** Returns the program, or the reason why there is none. */
export function findServer(): ServerProgram | string {
  return onPath() ?? inCache() ?? download();
}

function onPath(): ServerProgram | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of NAMES) {
      const path = join(folder, name);
      if (folder !== "" && isFile(path)) return { path, libraries: [] };
    }
  }
  return undefined;
}

function inCache(): ServerProgram | undefined {
  const folder = join(CACHE, "root", "usr", "bin");
  const lib = join(CACHE, "root", "usr", "lib");
  for (const name of [...NAMES, "redis-check-rdb", "valkey-check-rdb"]) {
    const path = join(folder, name);
    if (!isFile(path)) continue;
    // The server is the same file as its checking tool; a link to it may lead out of the cache.
    const libraries = readdirSync(lib, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return { path, libraries: [lib, ...libraries.map((entry) => join(lib, entry.name))] };
  }
  return undefined;
}

/** Unpacks Debian's package and its libraries into the cache. Needs no installation and no root permissions. */
function download(): ServerProgram | string {
  if (ask("apt-get", ["--version"]) === undefined) return "no Redis server on the PATH, and no apt-get to get one with";
  const work = join(CACHE, `work-${process.pid}-${Date.now()}`);
  const [state, cache, root] = ["state", "cache", "root"].map((name) => join(work, name)) as [string, string, string];
  for (const folder of [join(state, "lists", "partial"), join(cache, "archives", "partial"), root]) {
    mkdirSync(folder, { recursive: true });
  }
  const apt = [
    "-o",
    `Dir::State=${state}`,
    "-o",
    `Dir::State::lists=${join(state, "lists")}`,
    "-o",
    `Dir::Cache=${cache}`,
  ];
  apt.push("-o", "Dir::State::status=/var/lib/dpkg/status", "-o", "APT::Sandbox::User=");
  try {
    if (ask("apt-get", [...apt, "update", "-q"]) === undefined) return "apt-get cannot read its lists of packages";
    for (const name of PACKAGES) {
      const wanted = packagesFor(name, apt);
      if (wanted.length === 0 || ask("apt-get", [...apt, "download", "-q", ...wanted], work) === undefined) continue;
      for (const file of readdirSync(work).filter((entry) => entry.endsWith(".deb"))) {
        ask("dpkg", ["-x", join(work, file), root]);
      }
      // Another program may have finished first.
      if (inCache() === undefined) moveInto(root);
      const found = inCache();
      if (found !== undefined) return found;
    }
    return "apt-get has no package of a Redis server";
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function moveInto(root: string): void {
  try {
    renameSync(root, join(CACHE, "root"));
  } catch {
    // Another program has moved it there in the meantime.
  }
}

/** Lists a package and those of its dependencies that this machine does not have. */
function packagesFor(name: string, apt: readonly string[]): string[] {
  const options = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"].map((kind) =>
    `--no-${kind}`
  );
  const tree = ask("apt-cache", [...apt, "depends", "--recurse", ...options, name]);
  if (tree === undefined) return [];
  const all = [...new Set(tree.split("\n").filter((line) => /^[a-z0-9]/.test(line)).map((line) => line.trim()))];
  if (!all.includes(name)) return [];
  const known = ask("apt-cache", [...apt, "pkgnames"])?.split("\n") ?? [];
  const installed = new Set(
    (ask("dpkg-query", ["-W", "-f", "${Package} ${db:Status-Status}\n"]) ?? "").split("\n")
      .filter((line) => line.endsWith(" installed")).map((line) => line.split(" ")[0]!),
  );
  const there = new Set(known);
  // Dependencies of other kinds, such as those that start services, are not needed.
  return all.filter((each) => there.has(each) && !installed.has(each) && (/^lib|^lua-|redis|valkey/.test(each)));
}

function ask(command: string, args: readonly string[], cwd?: string): string | undefined {
  const { status, stdout } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: LIMIT, maxBuffer: 2 ** 28 });
  return status === 0 ? stdout : undefined;
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
