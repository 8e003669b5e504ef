// Bundles a program into one file, with one bundler for each runtime; bundle_long_test.ts tests the others.
// Deadline: 240 s

import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { RUNTIME } from "../support/runtime.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";
import { build, checkOutput, esbuild, fixture, NO_BUNDLER, PROGRAM, runBundle, withFolder } from "./support.ts";

const options = { timeout: SLOW_TEST_LIMIT, skip: NO_BUNDLER };

/** The bundler for each runtime. */
const BUNDLERS: Record<typeof RUNTIME, { name: string; build(file: string): Promise<void> }> = {
  node: { name: "esbuild", build: (file) => esbuild(PROGRAM, file) },
  deno: { name: "esbuild --minify", build: (file) => esbuild(PROGRAM, file, "--minify") },
  bun: {
    name: "bun build",
    build: (file) => build(process.execPath, ["build", PROGRAM, "--target=bun", `--outfile=${file}`]),
  },
};
const bundler = BUNDLERS[RUNTIME];

test(`a program bundled by ${bundler.name} runs`, options, async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "main.mjs");
    await bundler.build(file);
    checkOutput(await runBundle(file));
  });
});

for (const flags of [[], ["--minify"], ["--minify", "--keep-names"]]) {
  test(`a bundle of esbuild ${flags.join(" ")} runs the right task for every name`, options, async () => {
    await withFolder(async (folder) => {
      const file = join(folder, "main.mjs");
      await esbuild(fixture("names/main.ts"), file, ...flags);
      const { stdout, stderr, code } = await runBundle(file);
      const answers = ["one run", "other run", "default", "hidden", "first", "second", "scaled 14", "scaled 21"];
      const line = `${JSON.stringify([...answers, "inline 7"])}\nBrokenBarrierError: broken 7 true`;
      assertEquals([stdout, stderr, code], [`${line}\n${line}\n`, "", 0]);
    });
  });
}
