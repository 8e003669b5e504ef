// Runs a TypeScript script on the Node 24 among the dev dependencies: `node scripts/run.mjs scripts/test.ts ...`.
//
// npm starts scripts with the Node of the machine, which often cannot read TypeScript; so this file is plain JavaScript that Node
// 18 and later understands. It finds the binary by its path and not through the PATH: two of our dev dependencies have a bin
// called "node", and it is undefined which of them npm links.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MODULES = join(ROOT, "node_modules");
const WINDOWS = process.platform === "win32";
const NODE_BINARY = join("bin", WINDOWS ? "node.exe" : "node");

/** The runtimes that are npm packages, with the install script of each. */
const RUNTIMES = [
  { name: "node", installer: "installArchSpecificPackage.js", binary: NODE_BINARY },
  { name: "node22", installer: "installArchSpecificPackage.js", binary: NODE_BINARY },
  { name: "deno", installer: "install.cjs", binary: WINDOWS ? "deno.exe" : "deno" },
  { name: "bun", installer: "install.js", binary: join("bin", "bun.exe"), stub: true },
];

const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  console.error("Usage: node scripts/run.mjs <script.ts> [argument...]");
  process.exit(2);
}
completeInstallation();
// Every thread strips types again, which takes most of its start; this cache serves threads too.
const env = { NODE_COMPILE_CACHE: join(MODULES, ".cache", "node"), ...process.env };
const child = spawn(findNode(), [join(ROOT, script), ...args], { stdio: "inherit", env });
// A terminal sends Ctrl-C to both processes: the script handles it, and this process only passes on its outcome.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});

/** Returns a Node that strips types: the dev dependency, or the running one if it is new enough. */
function findNode() {
  const installed = join(MODULES, "node", NODE_BINARY);
  if (existsSync(installed)) return installed;
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  console.error(
    `Cannot run ${script}: Node ${process.versions.node} cannot read TypeScript; run 'npm ci' first`,
  );
  process.exit(1);
}

/**
 * Runs the install scripts that npm skipped. `allowScripts` in package.json approves them, but an `ignore-scripts` setting or a
 * stricter package manager still skips them; then the binaries are missing or are stubs.
 */
function completeInstallation() {
  for (const { name, installer, binary, stub } of RUNTIMES) {
    const folder = join(MODULES, name);
    if (!existsSync(join(folder, installer))) continue;
    if (existsSync(join(folder, binary)) && !(stub && isStub(join(folder, binary)))) continue;
    console.error(`Completing the installation of ${name}...`);
    const { status } = spawnSync(process.execPath, [installer], { cwd: folder, stdio: ["ignore", 2, 2] });
    if (status !== 0) console.error(`Cannot complete the installation of ${name}: exit code is ${status}`);
  }
}

/** Tells whether the file is the small shell script that is there until the large binary is installed. */
function isStub(file) {
  return statSync(file).size < 65_536;
}
