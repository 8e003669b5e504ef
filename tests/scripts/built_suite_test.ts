import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { rewriteLiterals } from "../../scripts/runner/built_suite.ts";

/** Rewrites a line of `tests/pool/a_test.ts`. */
const LINES: readonly [string, string, string][] = [
  [
    "leads imports of the library into the package",
    `import { Lock } from "../../src/sync/mod.ts";`,
    `import { Lock } from "../../node_modules/@heddle/heddle/src/sync/mod.js";`,
  ],
  [
    "leads the root module there",
    `await import("../../mod.ts")`,
    `await import("../../node_modules/@heddle/heddle/mod.js")`,
  ],
  ["leads folders there", `pathOf("../../src")`, `pathOf("../../node_modules/@heddle/heddle/src")`],
  [
    "renames other modules",
    `import * as tasks from "../fixtures/tasks.ts";`,
    `import * as tasks from "../fixtures/tasks.js";`,
  ],
  ["renames programs", `runProgram('single_worker.ts')`, `runProgram('single_worker.js')`],
  ["renames addresses with a query", "new URL(`./slow.ts?${id}`)", "new URL(`./slow.js?${id}`)"],
  ["renames what is filled in", "`${url}sync/mod.ts`", "`${url}sync/mod.js`"],
  [
    "leaves other text",
    `"the file a.ts is gone", "./data.json", "node:fs"`,
    `"the file a.ts is gone", "./data.json", "node:fs"`,
  ],
];

for (const [what, before, after] of LINES) {
  test(`rewriteLiterals() ${what}`, () => assertEquals(rewriteLiterals("tests/pool/a_test.ts", before), after));
}
