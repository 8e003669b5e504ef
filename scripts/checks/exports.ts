// One list of doors, said four times: in deno.json, in package.json, in the folders, and in mod.ts.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../runner/root.ts";
import type { Check, Finding } from "./check.ts";
import { config, doors } from "./config.ts";
import { blank, importsOf, lineOf, list, read } from "./sources.ts";

/** Rooms that users do not enter. */
const DOORLESS = new Set(["core", "runtime", "wire", "worker"]);

/** Doors that the root leaves out: an import of the root should cost nothing for them. */
const APART = new Set(["src/cluster/mod.ts"]);

/** deno.json, package.json and the folders agree. */
export const exportsAgree: Check = {
  name: "deno.json, package.json and the doors agree",
  run: () => [...sameFields(), ...sameVersions(), ...doorsExist(), ...roomsHaveDoors()],
};

/** The root module re-exports every door but those apart, and does nothing else. */
export const rootModule: Check = { name: "mod.ts re-exports every door and nothing else", run: checkRoot };

function sameFields(): Finding[] {
  const [deno, npm] = [config("deno.json"), config("package.json")];
  const fields = ["name", "version", "license", "exports"] as const;
  const constant = /VERSION = "([^"]+)"/.exec(read("src/core/copy.ts").text)?.[1];
  const stale = constant === deno.version
    ? []
    : [{ file: "src/core/copy.ts", message: `'VERSION' is '${constant}' and not '${deno.version}'` }];
  const differing = fields.filter((field) => JSON.stringify(deno[field]) !== JSON.stringify(npm[field])).map((
    field,
  ) => ({
    file: "package.json",
    message: `'${field}' differs from the one in deno.json`,
  }));
  return [...stale, ...differing];
}

/** A package named in both files has to be the same one: Deno reads the one file, npm the other. */
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
      return [{ file: "deno.json", message: `'${name}' leads to '${path}' and not to '${expected}'` }];
    }
    return existsSync(join(ROOT, path)) ? [] : [{ file: "deno.json", message: `'${path}' does not exist` }];
  });
}

function roomsHaveDoors(): Finding[] {
  const exported = new Set(doors());
  return list("src").filter((path) => /^src\/\w+\/mod\.ts$/.test(path)).flatMap((path) => {
    const room = path.split("/")[1]!;
    const known = exported.has(path) !== DOORLESS.has(room);
    return known ? [] : [{ file: path, message: `Room '${room}' has a door that deno.json does not export` }];
  });
}

function checkRoot(): Finding[] {
  const source = read("mod.ts");
  const reexported = new Set(importsOf(source).map(({ specifier }) => specifier.replace(/^\.\//, "")));
  const missing = doors().filter((door) => !APART.has(door) && !reexported.has(door));
  const extra = [...reexported].filter((path) => APART.has(path) || !doors().includes(path));
  // What is left once every line of the one form is taken away should be blank.
  const code = blank(source.text, { strings: false });
  const rest = code.replace(/^export \* from "\.\/src\/\w+\/mod\.ts";$/gm, (line) => " ".repeat(line.length));
  const other = /\S/.exec(rest);
  return [
    ...missing.map((door) => ({ file: "mod.ts", message: `Does not re-export '${door}'` })),
    ...extra.map((path) => ({ file: "mod.ts", message: `Re-exports '${path}', which is no door, or one apart` })),
    ...(other === null ? [] : [{
      file: "mod.ts",
      line: lineOf(rest, other.index),
      message: "Holds something else than lines of the form 'export * from \"./src/<room>/mod.ts\";'",
    }]),
  ];
}
