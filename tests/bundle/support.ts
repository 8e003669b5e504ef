// Builds programs into bundles in temporary folders, and runs them on the current runtime.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { assertEquals } from "@std/assert";
import { runProgram } from "../support/program.ts";

/** The folder of the checkout. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

const WINDOWS = process.platform === "win32";
const MODULES = join(ROOT, "node_modules");

/** The executable of esbuild. */
export const ESBUILD: string = join(
  MODULES,
  "@esbuild",
  `${process.platform}-${process.arch}`,
  ...WINDOWS ? ["esbuild.exe"] : ["bin", "esbuild"],
);

/** The executables of the runtimes that run bundlers. */
export const BUILDERS: { readonly deno: string; readonly bun: string; readonly node: string } = {
  deno: join(MODULES, "deno", WINDOWS ? "deno.exe" : "deno"),
  bun: join(MODULES, "bun", "bin", "bun.exe"),
  node: join(MODULES, "node", "bin", WINDOWS ? "node.exe" : "node"),
};

/** The reason to skip: a checkout installed for only one runtime has no bundlers. */
export const NO_BUNDLER: string | false = existsSync(ESBUILD) ? false : "the bundlers are not installed";

/** The time limit of a bundler. */
const BUILD_LIMIT = 60_000;

/** The program that every bundler builds. */
export const PROGRAM: string = fileURLToPath(new URL("../../scripts/examples/bundle/main.ts", import.meta.url));

/** Returns the path of a program that tests one feature. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/bundles/${name}`, import.meta.url));
}

/** Creates a folder and removes it afterwards. */
export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "heddle-bundle-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a builder to its end. */
export async function build(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: "1", NODE_NO_WARNINGS: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: BUILD_LIMIT,
    killSignal: "SIGKILL",
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => text += part);
  const end = await new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(`exit ${signal ?? code}`));
  });
  assertEquals(end, "exit 0", `${command} ${args.join(" ")}\n${text.slice(-4_000)}`);
}

/** Builds with esbuild, by default into one file. */
export async function esbuild(entry: string, outfile: string, ...flags: string[]): Promise<void> {
  const target = outfile === "" ? [] : [`--outfile=${outfile}`];
  await build(ESBUILD, [entry, "--bundle", "--platform=node", "--format=esm", ...target, ...flags]);
}

/** Runs a bundle on the current runtime. */
export function runBundle(file: string, env: Record<string, string> = {}): ReturnType<typeof runProgram> {
  return runProgram(pathToFileURL(file).href, { args: ["some", "arguments"], env });
}

/** The expected output of the program. */
export function checkOutput({ stdout, stderr, code }: { stdout: string; stderr: string; code: number | null }): void {
  const answer = { prime: true, squares: [1, 4, 9], primes: 22, blocks: 4 };
  const lines = stdout.trim().split("\n");
  assertEquals(lines.at(-1), 'done with arguments ["some","arguments"]', stderr);
  const pools = ["ThreadPoolExecutor", "ProcessPoolExecutor"];
  assertEquals(lines.slice(0, -1).map((line) => JSON.parse(line)), pools.map((pool) => ({ pool, ...answer })), stderr);
  assertEquals([stderr, code], ["", 0]);
}
