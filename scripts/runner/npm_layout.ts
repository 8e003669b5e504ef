// The package as JSR's npm layer lays it out: every module transpiled to JavaScript, specifiers rewritten to match, a
// package.json with the same exports, below node_modules, where no runtime but Bun would read TypeScript.

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import nodeModule from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { ROOT } from "./root.ts";

/** Where JSR's npm layer would fetch a dependency from; there it is `@jsr/std__async`. */
const SCOPE = "@jsr";

/** The members of deno.json that decide what is published, and how. */
interface Manifest {
  name: string;
  version: string;
  exports: Record<string, string>;
  publish: { include: string[] };
  imports: Record<string, string>;
}

/** What the package says of itself. */
export const PACKAGE: Manifest = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8"));

/** Lays the package and its dependencies out below `node_modules` of the folder. */
export function layOut(folder: string, names: readonly string[] = [PACKAGE.name, npmName(PACKAGE.name)]): void {
  for (const name of names) {
    const target = join(folder, "node_modules", name);
    for (const path of publishedFiles()) {
      if (path.endsWith(".ts")) write(join(target, toJs(path)), transpile(publishedText(path, rewrite)));
    }
    const exports = Object.fromEntries(Object.entries(PACKAGE.exports).map(([entry, path]) => [entry, toJs(path)]));
    write(join(target, "package.json"), JSON.stringify({ name, version: PACKAGE.version, type: "module", exports }));
  }
}

/** Names a JSR package the way the npm layer does: `@std/async` is `@jsr/std__async`. */
export function npmName(name: string): string {
  return `${SCOPE}/${name.slice(1).replace("/", "__")}`;
}

/** Lists the published files, by the paths they have below the root. */
export function publishedFiles(): string[] {
  return PACKAGE.publish.include.flatMap((path) => {
    const stat = statSync(join(ROOT, path), { throwIfNoEntry: false });
    if (stat === undefined) return [];
    return stat.isDirectory() ? filesBelow(path) : [path];
  });
}

/** Reads a file as it is published: names of packages stand in full, as `deno publish` puts them. */
export function publishedText(path: string, rewrite: (specifier: string) => string = inFull): string {
  const text = readFileSync(join(ROOT, path), "utf8");
  if (!path.endsWith(".ts")) return text;
  return text.replace(
    /^((?:import|export)\b[^"]*?|\} from )"([^"]+)"/gm,
    (_, head, name) => `${head}"${rewrite(name)}"`,
  );
}

/** Lists the files below a folder of the checkout, by the paths they have below the root. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((entry) => `${folder}/${entry.replaceAll("\\", "/")}`)
    .filter((entry) => statSync(join(ROOT, entry)).isFile());
}

/**
 * Removes the types with what the runtime offers for that: the syntax of this project is erasable, so the result is
 * what a compiler would write, and a bare Bun needs no compiler installed.
 */
export function transpile(text: string): string {
  const { Bun: bun } = globalThis as { Bun?: { Transpiler: new (options: { loader: "ts" }) => Transpiler } };
  if (bun !== undefined) return new bun.Transpiler({ loader: "ts" }).transformSync(text);
  const { emitWarning } = process;
  // Node warns on the first call that the function is experimental, once per program.
  process.emitWarning = () => {};
  try {
    return nodeModule.stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Names the JavaScript that a TypeScript file becomes. */
export function toJs(path: string): string {
  return path.replace(/\.ts$/, ".js");
}

/** Writes a file and the folders it needs. */
export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

interface Transpiler {
  transformSync(text: string): string;
}

function rewrite(specifier: string): string {
  if (specifier.startsWith(".")) return toJs(specifier);
  return specifier.startsWith("@std/") ? npmName(specifier) : specifier;
}

function inFull(specifier: string): string {
  return PACKAGE.imports[specifier] ?? specifier;
}
