// The package as JSR's npm layer lays it out: every module transpiled to JavaScript, specifiers rewritten to match, a
// package.json with the same exports, below node_modules, where no runtime but Bun would read TypeScript.

import nodeModule from "node:module";
import { join } from "node:path";
import { PACKAGE, publishedFiles, publishedText, write } from "./support.ts";

/** Where JSR's npm layer would fetch a dependency from; there it is `@jsr/std__async`. */
const SCOPE = "@jsr";

/** Lays the package out below `node_modules` of the folder, under the names that users give it. */
export function layOut(folder: string, names: readonly string[] = [PACKAGE.name, npmName(PACKAGE.name)]): void {
  for (const name of names) {
    const target = join(folder, "node_modules", name);
    for (const path of publishedFiles()) {
      if (path.endsWith(".ts")) write(join(target, toJs(path)), transpile(path));
    }
    const exports = Object.fromEntries(Object.entries(PACKAGE.exports).map(([door, path]) => [door, toJs(path)]));
    write(join(target, "package.json"), JSON.stringify({ name, version: PACKAGE.version, type: "module", exports }));
  }
}

/** Names a JSR package the way the npm layer does: `@std/async` is `@jsr/std__async`. */
export function npmName(name: string): string {
  return `${SCOPE}/${name.slice(1).replace("/", "__")}`;
}

/**
 * Takes the types away by what the runtime has for that: as our syntax is erasable, what is left is what a compiler
 * would write, and a bare Bun needs no compiler installed.
 */
function transpile(path: string): string {
  const text = publishedText(path, rewrite);
  const { Bun: bun } = globalThis as { Bun?: { Transpiler: new (options: { loader: "ts" }) => Transpiler } };
  if (bun !== undefined) return new bun.Transpiler({ loader: "ts" }).transformSync(text);
  return nodeModule.stripTypeScriptTypes(text);
}

interface Transpiler {
  transformSync(text: string): string;
}

function rewrite(specifier: string): string {
  if (specifier.startsWith(".")) return toJs(specifier);
  return specifier.startsWith("@std/") ? npmName(specifier) : specifier;
}

function toJs(path: string): string {
  return path.replace(/\.ts$/, ".js");
}
