// Rules that Deno and TypeScript check.

import type { Check } from "./check.ts";
import { config } from "./config.ts";
import { list } from "./sources.ts";
import { denoCheck } from "./tool.ts";
import { userTypes } from "./user_types.ts";

/** The rules, fast ones first. */
export const tools: Check[] = [
  denoCheck("files are formatted", "Some files are not formatted: run 'deno fmt'", () => ["fmt", "--check"]),
  denoCheck("deno lint, JSR's rules included", "The linter found problems", () => ["lint"]),
  // Types of doc examples are checked here, all at once: 'deno test --doc' would check the library again for each.
  denoCheck("types, doc examples included", "There are type errors", () => ["check", "--doc", ...typed()]),
  userTypes,
  denoCheck(
    "every public symbol is documented",
    "'deno doc --lint' found problems",
    () => ["doc", "--lint", ...exported()],
  ),
  denoCheck("doc examples run", "A doc example fails", () => ["test", "-A", "--no-check", "--doc", "src"]),
  denoCheck("deno publish --dry-run", "The package cannot be published", () => [
    "publish",
    "--dry-run",
    "--allow-dirty",
    "--no-check",
  ]),
];

function exported(): string[] {
  return Object.values(config("deno.json").exports);
}

/** Lists all files except the fixtures that are broken on purpose. */
function typed(): string[] {
  const files = ["mod.ts", ...["src", "scripts", "tests", "bench"].flatMap(list)].filter((path) =>
    path.endsWith(".ts")
  );
  return files.filter((path) => !path.startsWith("tests/fixtures/broken/"));
}
