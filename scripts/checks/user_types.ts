// Checks the library's types under tsc: first the sources, then the declarations, which are what users of Bun and Node get. The
// declarations are checked together with tests/types, in a project without `skipLibCheck`.

import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "../runner/root.ts";
import type { Check, Finding } from "./check.ts";
import { runTool } from "./tool.ts";

/** Projects have different web types: all of the DOM, or those that Node declares. */
const LIBRARIES = ["esnext,dom,dom.iterable,dom.asynciterable", "esnext"];

/** The declarations have no type errors for users. */
export const userTypes: Check = { name: "types under tsc, as users of Bun and Node see them", run };

async function run(): Promise<Finding[]> {
  const cache = join(ROOT, "node_modules", ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "heddle-types-"));
  try {
    const found = await tsc("tsconfig.json", ROOT, "--noEmit", "false", "--emitDeclarationOnly", "--outDir", folder);
    if (found.length > 0) return found;
    // In the copy, `../../mod.ts` resolves to a declaration.
    const tests = join(folder, "tests", "types");
    cpSync(join(ROOT, "tests", "types"), tests, { recursive: true });
    return (await Promise.all(LIBRARIES.map((lib) => tsc(`tests/types with --lib ${lib}`, tests, "--lib", lib))))
      .flat();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tsc(file: string, project: string, ...args: string[]): Promise<Finding[]> {
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  return runTool(file, "There are type errors", process.execPath, [compiler, "-p", project, ...args]);
}
