// Lays out the package as JSR's npm layer does: every module transpiled to JavaScript with rewritten specifiers, and a
// package.json with the same exports, below node_modules, where only Bun would read TypeScript.

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import nodeModule from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { ROOT } from "./root.ts";

/** The scope of dependencies in JSR's npm layer, which names `@std/async` `@jsr/std__async`. */
const SCOPE = "@jsr";

/** The members of deno.json that determine the published package. */
interface Manifest {
  name: string;
  version: string;
  exports: Record<string, string>;
  publish: { include: string[] };
  imports: Record<string, string>;
}

/** The content of deno.json. */
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

/** Lists the published files, by their paths from the root. */
export function publishedFiles(): string[] {
  return PACKAGE.publish.include.flatMap((path) => {
    const stat = statSync(join(ROOT, path), { throwIfNoEntry: false });
    if (stat === undefined) return [];
    return stat.isDirectory() ? filesBelow(path) : [path];
  });
}

/** Reads a file in its published form: with full package specifiers, as `deno publish` writes them. */
export function publishedText(path: string, rewrite: (specifier: string) => string = inFull): string {
  const text = readFileSync(join(ROOT, path), "utf8");
  if (!path.endsWith(".ts")) return text;
  return text.replace(
    /^((?:import|export)\b[^"]*?|\} from )"([^"]+)"/gm,
    (_, head, name) => `${head}"${rewrite(name)}"`,
  );
}

/** Lists the files below a folder of the checkout, by their paths from the root. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((entry) => `${folder}/${entry.replaceAll("\\", "/")}`)
    .filter((entry) => statSync(join(ROOT, entry)).isFile());
}

/**
 * Removes types with the runtime's own function. The syntax of this project is erasable, so the result is the same as a
 * compiler's, and a plain Bun needs no installed compiler.
 */
export function transpile(text: string): string {
  const { Bun: bun } = globalThis as { Bun?: { Transpiler: new (options: { loader: "ts" }) => Transpiler } };
  if (bun !== undefined) return new bun.Transpiler({ loader: "ts" }).transformSync(text);
  const { emitWarning } = process;
  // Node warns on the first call, once per program, that the function is experimental.
  process.emitWarning = () => {};
  try {
    return nodeModule.stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Returns the path of the JavaScript file that a TypeScript file becomes. */
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
