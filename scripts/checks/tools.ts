// The rules that Deno and TypeScript themselves check.

import type { Check } from "./check.ts";
import { config } from "./config.ts";
import { list } from "./sources.ts";
import { denoCheck } from "./tool.ts";
import { userTypes } from "./user_types.ts";

/** The rules, the quick ones first. */
export const tools: Check[] = [
  denoCheck("files are formatted", "Some files are not formatted: run 'deno fmt'", () => ["fmt", "--check"]),
  denoCheck("deno lint, JSR's rules included", "The linter objects", () => ["lint"]),
  // The doc examples are checked here, all at once: 'deno test --doc' would check the library anew for each.
  denoCheck("types, doc examples included", "Some types do not fit", () => ["check", "--doc", ...typed()]),
  userTypes,
  denoCheck(
    "every public symbol is documented",
    "'deno doc --lint' objects",
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

/** Everything but the fixtures that are broken on purpose. */
function typed(): string[] {
  const files = ["mod.ts", ...["src", "scripts", "tests", "bench"].flatMap(list)].filter((path) =>
    path.endsWith(".ts")
  );
  return files.filter((path) => !path.startsWith("tests/fixtures/broken/"));
}
