// Checks that deno.json, package.json, the folders and mod.ts have the same entry points.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../runner/root.ts";
import type { Check, Finding } from "./check.ts";
import { config, entryPoints } from "./config.ts";
import { blank, importsOf, lineOf, list, read } from "./sources.ts";

/** Modules without an entry point for users. */
const DOORLESS = new Set(["core", "runtime", "wire", "worker"]);

/** Entry points that the root module leaves out: importing the root must not load them. */
const APART = new Set(["src/cluster/mod.ts"]);

/** Checks that deno.json, package.json and the folders agree. */
export const exportsAgree: Check = {
  name: "deno.json, package.json and the entry points agree",
  run: () => [...sameFields(), ...sameVersions(), ...doorsExist(), ...roomsHaveDoors()],
};

/** Checks that the root module re-exports every entry point except the separate ones, and does nothing else. */
export const rootModule: Check = { name: "mod.ts re-exports every entry point and nothing else", run: checkRoot };

function sameFields(): Finding[] {
  const [deno, npm] = [config("deno.json"), config("package.json")];
  const fields = ["name", "version", "license", "exports"] as const;
  const constant = /VERSION = "([^"]+)"/.exec(read("src/core/copy.ts").text)?.[1];
  const stale = constant === deno.version
    ? []
    : [{ file: "src/core/copy.ts", message: `'VERSION' is '${constant}' instead of '${deno.version}'` }];
  const differing = fields.filter((field) => JSON.stringify(deno[field]) !== JSON.stringify(npm[field])).map((
    field,
  ) => ({
    file: "package.json",
    message: `'${field}' differs from the one in deno.json`,
  }));
  return [...stale, ...differing];
}

/** Checks that a package named in both files is the same in both: Deno reads one file, npm the other. */
function sameVersions(): Finding[] {
  const npm = config("package.json").devDependencies ?? {};
  return Object.entries(config("deno.json").imports ?? {}).flatMap(([name, specifier]) => {
    if (!specifier.startsWith("npm:") || specifier === `npm:${name}@${npm[name]}`) return [];
    return [{ file: "deno.json", message: `'${specifier}' is '${npm[name]}' in package.json` }];
  });
}

function doorsExist(): Finding[] {
  return Object.entries(config("deno.json").exports).flatMap(([name, path]) => {
    const expected = name === "." ? "./mod.ts" : `./src/${name.slice(2)}/mod.ts`;
    if (path !== expected) {
      return [{ file: "deno.json", message: `'${name}' leads to '${path}' instead of '${expected}'` }];
    }
    return existsSync(join(ROOT, path)) ? [] : [{ file: "deno.json", message: `'${path}' does not exist` }];
  });
}

function roomsHaveDoors(): Finding[] {
  const exported = new Set(entryPoints());
  return list("src").filter((path) => /^src\/\w+\/mod\.ts$/.test(path)).flatMap((path) => {
    const module = path.split("/")[1]!;
    const known = exported.has(path) !== DOORLESS.has(module);
    return known
      ? []
      : [{ file: path, message: `Module '${module}' has an entry point that deno.json does not export` }];
  });
}

function checkRoot(): Finding[] {
  const source = read("mod.ts");
  const reexported = new Set(importsOf(source).map(({ specifier }) => specifier.replace(/^\.\//, "")));
  const missing = entryPoints().filter((entryPoint) => !APART.has(entryPoint) && !reexported.has(entryPoint));
  const extra = [...reexported].filter((path) => APART.has(path) || !entryPoints().includes(path));
  // Without all lines of the allowed form, the rest must be blank.
  const code = blank(source.text, { strings: false });
  const rest = code.replace(/^export \* from "\.\/src\/\w+\/mod\.ts";$/gm, (line) => " ".repeat(line.length));
  const other = /\S/.exec(rest);
  return [
    ...missing.map((entryPoint) => ({ file: "mod.ts", message: `Does not re-export '${entryPoint}'` })),
    ...extra.map((path) => ({
      file: "mod.ts",
      message: `Re-exports '${path}', which is no entry point, or a separate one`,
    })),
    ...(other === null ? [] : [{
      file: "mod.ts",
      line: lineOf(rest, other.index),
      message: "Has lines of another form than 'export * from \"./src/<module>/mod.ts\";'",
    }]),
  ];
}
