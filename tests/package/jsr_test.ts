// Deadline: 180 s: a program starts with an empty cache.

import { join } from "node:path";
import { test } from "node:test";
import { assert } from "@std/assert";
import { PACKAGE } from "../../scripts/runner/npm_layout.ts";
import { type Registry, startRegistry } from "./jsr_registry.ts";
import { runProgram, withProgram } from "./support.ts";

/** Bun and Node use JSR packages through its npm layer, which npm_layout_test.ts tests. */
const ONLY_DENO_SPEAKS_JSR = "Deno" in globalThis ? false : "only Deno imports by 'jsr:' names";

test("the package works when imported by its jsr: name", { skip: ONLY_DENO_SPEAKS_JSR }, async () => {
  await withRegistry(async (registry) => {
    await withProgram(`jsr:${PACKAGE.name}@^${PACKAGE.version}`, async (folder, main) => {
      const env = { JSR_URL: registry.url, DENO_DIR: join(folder, "cache") };
      await runProgram(["run", "-A", "--no-config", "--no-lock", main], folder, env);
      const root = `/${PACKAGE.name}/${PACKAGE.version}/mod.ts`;
      assert(registry.requests.includes(root), `The registry was not asked for ${root}`);
    });
  });
});

async function withRegistry(use: (registry: Registry) => Promise<void>): Promise<void> {
  const registry = await startRegistry();
  try {
    await use(registry);
  } finally {
    await registry.close();
  }
}
