// Builds the suite for Node from transpiled files: the package below node_modules, and the tests, scripts and examples beside
// it, so that no thread or process strips types.
//
// Tests import files of the library by relative paths. In the copy, these paths lead into the package.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join, posix } from "node:path";
import { filesBelow, layOut, PACKAGE, toJs, transpile, write } from "./npm_layout.ts";
import { ROOT } from "./root.ts";

/** The folders to transpile in addition to the package. */
const FOLDERS = ["tests", "scripts", "bench"];
/** The package's place in the copy. */
const INSTALLED = `node_modules/${PACKAGE.name}`;
/** Packages that tests import and that exist here only as sources. */
const STAND_INS = ["@std/assert", "@std/async"];

/** A copy of the suite. */
export interface BuiltSuite {
  /** The folder in which test files run; it has the same tree as the checkout. */
  readonly root: string;
  /** Removes the copy. */
  remove(): void;
}

/**
 * Builds the suite. The copy is below `node_modules`, where installed packages are found by name, in a folder of its own, so that
 * two runs in one checkout do not interfere.
 */
export function buildSuite(): BuiltSuite {
  const cache = join(ROOT, "node_modules", ".cache");
  mkdirSync(cache, { recursive: true });
  const root = mkdtempSync(join(cache, "heddle-suite-"));
  layOut(root, [PACKAGE.name]);
  for (const name of STAND_INS) layOutStandIn(root, name);
  for (const path of FOLDERS.flatMap(filesBelow)) {
    if (path.endsWith(".ts")) {
      write(join(root, toJs(path)), transpile(rewriteLiterals(path, readFileSync(join(ROOT, path), "utf8"))));
    } else cpSync(join(ROOT, path), join(root, path));
  }
  write(join(root, "package.json"), JSON.stringify({ type: "module", private: true }));
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/**
 * Rewrites the paths of modules, in imports and in other strings: `.ts` becomes `.js`, and library paths lead into the package.
 */
export function rewriteLiterals(path: string, text: string): string {
  return text.replace(/(["'`])(\.{1,2}\/[^"'`\n]*|[^"'`\s]*\.ts(?:\?[^"'`\s]*)?)\1/g, (_, quote, literal: string) => {
    const target = posix.join(posix.dirname(path), literal);
    const ours = literal.startsWith(".") && /^(?:mod\.ts|src(?:\/.*)?)$/.test(target);
    const moved = ours ? posix.relative(posix.dirname(path), `${INSTALLED}/${target}`) : literal;
    return quote + moved.replace(/\.ts(?=$|\?)/, ".js") + quote;
  });
}

function layOutStandIn(root: string, name: string): void {
  const source = `scripts/offline/${name.slice("@std/".length)}`;
  const target = join(root, "node_modules", name);
  for (const path of filesBelow(source).filter((path) => path.endsWith(".ts"))) {
    const text = readFileSync(join(ROOT, path), "utf8");
    write(join(target, toJs(path.slice(source.length + 1))), transpile(rewriteLiterals(path, text)));
  }
  write(join(target, "package.json"), JSON.stringify({ name, type: "module", exports: "./mod.js" }));
}
