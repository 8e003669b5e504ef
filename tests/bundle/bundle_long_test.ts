// Builds the example program with every bundler, and runs the output on the current runtime.
// Deadline: 600 s

import { existsSync, readdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { assertEquals, assertGreater } from "@std/assert";
import { PACKAGE, write } from "../../scripts/runner/npm_layout.ts";
import { runProgram } from "../support/program.ts";
import { RUNTIME } from "../support/runtime.ts";
import { build, BUILDERS, checkOutput, esbuild, NO_BUNDLER, PROGRAM, ROOT, runBundle, withFolder } from "./support.ts";

const options = { timeout: 120_000, skip: NO_BUNDLER };
const { deno, bun, node } = BUILDERS;
const TASKS = join(dirname(PROGRAM), "tasks.ts");

/** Builds into a folder, and returns the file to run. */
type Builder = (folder: string) => Promise<string>;

const BUILDS: Record<string, Builder> = {
  "esbuild": (folder) => withEsbuild(folder),
  "esbuild --minify": (folder) => withEsbuild(folder, "--minify"),
  "esbuild --minify --keep-names": (folder) => withEsbuild(folder, "--minify", "--keep-names"),
  "esbuild --splitting": (folder) => withSplitting(folder),
  "esbuild --splitting --minify": (folder) => withSplitting(folder, "--minify"),
  "rollup": async (folder) => {
    const file = join(folder, "main.mjs");
    await build(node, [builder("rollup.mjs"), PROGRAM, file]);
    return file;
  },
  "vite": (folder) => inFolder(folder, node, [builder("vite.mjs"), PROGRAM, folder]),
  "vite, minified": (folder) => inFolder(folder, node, [builder("vite.mjs"), PROGRAM, folder, "minify"]),
  "webpack": (folder) => inFolder(folder, node, [builder("webpack.mjs"), PROGRAM, folder]),
  "bun build": (folder) => withBun(folder),
  "bun build --minify": (folder) => withBun(folder, "--minify"),
  "bun build --splitting --minify": (folder) => {
    const flags = ["--splitting", "--minify", `--outdir=${folder}`, "--entry-naming=[name].mjs"];
    return inFolder(folder, bun, ["build", PROGRAM, TASKS, "--target=node", ...flags]);
  },
  "deno bundle": (folder) => withDeno(folder),
  "deno bundle --minify": (folder) => withDeno(folder, "--minify"),
  "tsc": async (folder) => {
    const settings = ["--noEmit", "false", "--declaration", "false", "--isolatedDeclarations", "false"];
    const target = ["--rewriteRelativeImportExtensions", "--outDir", folder];
    const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    await build(node, [tsc, "--project", builder("tsconfig.json"), ...settings, ...target]);
    install(folder);
    return join(folder, "scripts", "examples", "bundle", "main.js");
  },
};

for (const [name, builds] of Object.entries(BUILDS)) {
  test(`the program built by ${name} runs`, options, async () => {
    await withFolder(async (folder) => {
      const file = await builds(folder);
      checkOutput(await runBundle(file));
    });
  });
}

const ONLY_NODE_TAKES_TSX = RUNTIME === "node" ? NO_BUNDLER : "tsx is for Node";

test("the program runs under tsx", { ...options, skip: ONLY_NODE_TAKES_TSX }, async () => {
  const tsx = pathToFileURL(join(ROOT, "node_modules", "tsx", "dist", "loader.mjs")).href;
  const program = pathToFileURL(PROGRAM).href;
  // Omit the modules that the test runner preloads on the oldest Node.
  checkOutput(
    await runProgram(program, { args: ["some", "arguments"], env: { NODE_OPTIONS: "" }, flags: ["--import", tsx] }),
  );
});

/** Puts the library where the program finds it by name. */
function install(folder: string): void {
  const target = join(folder, "node_modules", PACKAGE.name);
  const { name, version } = PACKAGE;
  write(join(folder, "package.json"), JSON.stringify({ type: "module", dependencies: { [name]: version } }));
  write(join(target, "package.json"), JSON.stringify({ name, version, type: "module", exports: "./mod.js" }));
  for (const part of ["mod.js", "src"]) renameSync(join(folder, part), join(target, part));
}

function builder(name: string): string {
  return fileURLToPath(new URL(`./builders/${name}`, import.meta.url));
}

async function withEsbuild(folder: string, ...flags: string[]): Promise<string> {
  const file = join(folder, "main.mjs");
  await esbuild(PROGRAM, file, ...flags);
  return file;
}

/** Builds with two entries, so that the library is in a separate chunk. */
async function withSplitting(folder: string, ...flags: string[]): Promise<string> {
  await esbuild(PROGRAM, "", TASKS, "--splitting", `--outdir=${folder}`, "--out-extension:.js=.mjs", ...flags);
  assertGreater(readdirSync(folder).length, 2);
  return join(folder, "main.mjs");
}

async function withBun(folder: string, ...flags: string[]): Promise<string> {
  const file = join(folder, "main.mjs");
  await build(bun, ["build", PROGRAM, "--target=node", `--outfile=${file}`, ...flags]);
  return file;
}

async function withDeno(folder: string, ...flags: string[]): Promise<string> {
  const file = join(folder, "main.mjs");
  await build(deno, ["bundle", "--quiet", "--output", file, ...flags, PROGRAM]);
  return file;
}

async function inFolder(folder: string, command: string, args: readonly string[]): Promise<string> {
  await build(command, args);
  const file = join(folder, "main.mjs");
  assertEquals(existsSync(file), true, readdirSync(folder).join(" "));
  return file;
}
