// The rules that Deno and TypeScript themselves check.

import { join } from "node:path";
import process from "node:process";
import { ROOT } from "../runner/root.ts";
import type { Check, Finding } from "./check.ts";
import { config } from "./config.ts";
import { list } from "./sources.ts";
import { denoCheck, runTool } from "./tool.ts";

/** The rules, the quick ones first. */
export const tools: Check[] = [
  denoCheck("files are formatted", "Some files are not formatted: run 'deno fmt'", () => ["fmt", "--check"]),
  denoCheck("deno lint, JSR's rules included", "The linter objects", () => ["lint"]),
  denoCheck("types", "Some types do not fit", () => ["check", ...typed()]),
  { name: "types under tsc, as users of Bun and Node see them", run: runTsc },
  denoCheck(
    "every public symbol is documented",
    "'deno doc --lint' objects",
    () => ["doc", "--lint", ...exported()],
  ),
  denoCheck("doc examples run", "A doc example fails", () => ["test", "-A", "--doc", ...exported(), "src"]),
  denoCheck("deno publish --dry-run", "The package cannot be published", () => [
    "publish",
    "--dry-run",
    "--allow-dirty",
    "--no-check=remote",
  ]),
];

function exported(): string[] {
  return Object.values(config("deno.json").exports);
}

/** Everything but the fixtures that are broken on purpose. */
function typed(): string[] {
  const files = ["mod.ts", ...["src", "scripts", "tests", "bench"].flatMap(list)].filter((path) =>
    path.endsWith(".ts")
  );
  return files.filter((path) => !path.startsWith("tests/fixtures/broken/"));
}

function runTsc(): Promise<Finding[]> {
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  return runTool("tsconfig.json", "Some types do not fit", process.execPath, [compiler, "-p", ROOT]);
}
