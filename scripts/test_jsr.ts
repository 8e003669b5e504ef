// Runs the suite on Deno with the real packages from JSR in place of the stand-ins: `deno task test:jsr`.
//
// The configuration is deno.json without its links, written beside it because paths in it count from where it lies.
// Not for machines that cannot reach JSR.

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
  // Without package.json: it names the stand-ins too.
  const env = { ...process.env, DENO_NO_PACKAGE_JSON: "1" };
  const args = ["test", "-A", "--no-check", `--config=${CONFIG}`, ...process.argv.slice(2)];
  const { status } = spawnSync(deno.binary, args, { cwd: ROOT, env, stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  rmSync(CONFIG, { force: true });
}
