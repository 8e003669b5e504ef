// Runs the suite on Deno with the real packages from JSR instead of the stand-ins: `deno task test:jsr`.
//
// Its configuration is deno.json without links, written to the same folder because its paths are relative to that. Needs access
// to JSR.

import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "./runner/root.ts";
import { findRuntimes } from "./runner/runtimes.ts";

const CONFIG = join(ROOT, "deno.jsr.json");

const deno = findRuntimes(["deno"])[0];
if (deno === undefined) throw new Error("Cannot find Deno: install it, or run 'npm ci'");
const { links: _links, ...config } = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8"));
writeFileSync(CONFIG, JSON.stringify(config));
try {
  // Ignore package.json, which also names the stand-ins.
  const env = { ...process.env, DENO_NO_PACKAGE_JSON: "1" };
  const args = ["test", "-A", "--no-check", `--config=${CONFIG}`, ...process.argv.slice(2)];
  const { status } = spawnSync(deno.binary, args, { cwd: ROOT, env, stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  rmSync(CONFIG, { force: true });
}
