// Describes the runtime and the machine of a bench, and starts another script on the same runtime.
import { readFileSync } from "node:fs";
import os from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";

export type RuntimeName = "deno" | "bun" | "node";

export interface Host {
  readonly runtime: RuntimeName;
  readonly version: string;
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
}

/** The root of the repository, with a slash at its end. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

export function host(): Host {
  const versions = process.versions as Record<string, string | undefined>;
  const runtime: RuntimeName = versions.deno !== undefined ? "deno" : versions.bun !== undefined ? "bun" : "node";
  return {
    runtime,
    version: versions[runtime] ?? "unknown",
    cpu: os.cpus()[0]?.model.trim() || "unknown processor",
    cores: os.availableParallelism(),
    system: `${os.platform()} ${os.arch()}`,
  };
}

/** The command that runs one of our scripts on the current runtime with all permissions. */
export function command(file: URL, args: readonly string[]): [program: string, args: string[]] {
  const flags = host().runtime === "deno" ? ["run", "-A", "--quiet"] : [];
  return [process.execPath, [...flags, fileURLToPath(file), ...args]];
}

/** The version of a peer: `package.json` pins each exactly. */
export function packageVersion(name: string): string | undefined {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { devDependencies: Record<string, string> }).devDependencies[name];
}

/** Removes the paths of this checkout from a text, so that results can be published. */
export function anonymous(text: string): string {
  return text.replaceAll(`file://${ROOT}`, "").replaceAll(ROOT, "").replaceAll(os.homedir(), "~");
}
