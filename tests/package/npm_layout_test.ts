// Deadline: 180 s: a program is started for each name of the package.

import { join } from "node:path";
import { test } from "node:test";
import { layOut, npmName, PACKAGE, write } from "../../scripts/runner/npm_layout.ts";
import { runProgram, withProgram } from "./support.ts";

/** Deno uses JSR packages directly, which jsr_test.ts tests. */
const DENO_NEEDS_NO_NPM_LAYER = "Deno" in globalThis ? "Deno imports by 'jsr:' names" : false;

for (const name of [PACKAGE.name, npmName(PACKAGE.name)]) {
  test(`the package works from node_modules as ${name}`, { skip: DENO_NEEDS_NO_NPM_LAYER }, async () => {
    await withProgram(name, async (folder, main) => {
      layOut(folder);
      write(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
      await runProgram([main], folder);
    });
  });
}
