// Checks that a file imports only its own module and modules of lower layers, by their files.

import { posix } from "node:path";
import type { Check, Finding } from "./check.ts";
import { importsOf, library, type Source } from "./sources.ts";

const LAYERS: Record<string, number> = {
  core: 0,
  runtime: 1,
  time: 2,
  wire: 2,
  task: 3,
  sync: 4,
  futures: 4,
  queue: 5,
  throttle: 5,
  worker: 5,
  shared: 6,
  pool: 6,
  thread: 7,
  process: 7,
  cluster: 7,
};

/** Packages that src may import, and the modules that may import them. */
const PACKAGES: { specifier: RegExp; modules: RegExp }[] = [
  { specifier: /^@std\/async$/, modules: /./ },
  { specifier: /^node:/, modules: /^runtime$/ },
];

/** Imports go down the layers. */
export const layers: Check = {
  name: "imports go down the layers",
  run: () => library().filter(({ path }) => path !== "mod.ts").flatMap(check),
};

function check(source: Source): Finding[] {
  const module = moduleOf(source.path);
  if (!(module in LAYERS)) {
    return [{
      file: source.path,
      message: `Module '${module}' has no layer: give it one in scripts/checks/layers.ts`,
    }];
  }
  return importsOf(source).flatMap(({ specifier, line }) => {
    const message = specifier.startsWith(".") ? inside(source.path, specifier) : outside(module, specifier);
    return message === undefined ? [] : [{ file: source.path, line, message }];
  });
}

function inside(path: string, specifier: string): string | undefined {
  const target = posix.join(posix.dirname(path), specifier);
  const [from, to] = [moduleOf(path), moduleOf(target)];
  if (!target.startsWith("src/")) return `Imports '${target}' from outside src`;
  if (target.endsWith("/mod.ts") && to !== "runtime") {
    return `Imports the entry point '${target}': import the file that it re-exports`;
  }
  if (from === to) return undefined;
  const layer = LAYERS[to];
  if (layer === undefined) return `Imports module '${to}', which has no layer`;
  if (to === "runtime" && !/\/(mod|types)\.ts$/.test(target)) {
    return `Imports '${target}': only src/runtime/mod.ts and its types are for other modules`;
  }
  if (layer < LAYERS[from]!) return undefined;
  const direction = layer === LAYERS[from] ? "sideways" : "up";
  return `Imports ${direction}, from ${from} (layer ${LAYERS[from]}) to ${to} (layer ${layer})`;
}

function outside(module: string, specifier: string): string | undefined {
  const allowed = PACKAGES.some((entry) => entry.specifier.test(specifier) && entry.modules.test(module));
  return allowed ? undefined : `Imports '${specifier}', which module ${module} must not depend on`;
}

function moduleOf(path: string): string {
  return path.split("/")[1] ?? "";
}
