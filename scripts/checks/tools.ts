// The rules that Deno itself checks.

import type { Check } from "./check.ts";
import { config } from "./config.ts";
import { list } from "./sources.ts";
import { denoCheck } from "./tool.ts";

/** The rules, the quick ones first. */
export const tools: Check[] = [
  denoCheck("files are formatted", "Some files are not formatted: run 'deno fmt'", () => ["fmt", "--check"]),
  denoCheck("deno lint, JSR's rules included", "The linter objects", () => ["lint"]),
  denoCheck("types", "Some types do not fit", () => ["check", ...typed()]),
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

function typed(): string[] {
  return ["mod.ts", ...["src", "scripts", "tests", "bench"].flatMap(list)].filter((path) => path.endsWith(".ts"));
}
