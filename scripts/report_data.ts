// Reads and writes bench results in `bench/results/`: one file for each runtime.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PeersResults } from "../bench/support/peers_results.ts";
import type { SmallestTaskResults, ThreadVsProcessResults } from "../bench/support/results.ts";
import type { SheetResults } from "../bench/support/sheets.ts";
import { ROOT } from "./runner/root.ts";

export const BENCHES = [
  "thread_vs_process",
  "smallest_task",
  "peers",
  "locks",
  "start",
  "message_size",
  "queues",
  "throttle",
  "streams",
  "call_sync",
  "cluster",
] as const;
export type BenchName = (typeof BENCHES)[number];

/** All results of one runtime. */
export interface RuntimeResults {
  readonly id: string;
  /** Name and version, such as `Deno 2.9.5`. */
  readonly label: string;
  readonly commit: string;
  readonly date: string;
  /** The share of the machine in use by other programs just before each bench, from 0 to 1. */
  readonly busy?: Readonly<Partial<Record<BenchName, number>>>;
  readonly thread_vs_process?: ThreadVsProcessResults;
  readonly smallest_task?: SmallestTaskResults;
  readonly peers?: PeersResults;
  readonly locks?: SheetResults;
  readonly start?: SheetResults;
  readonly message_size?: SheetResults;
  readonly queues?: SheetResults;
  readonly throttle?: SheetResults;
  readonly streams?: SheetResults;
  readonly call_sync?: SheetResults;
  readonly cluster?: SheetResults;
}

/** Reads the results in a folder, in the order of {@linkcode RuntimeId}. */
export function loadResults(folder: string): RuntimeResults[] {
  if (!existsSync(folder)) return [];
  const order = ["deno", "bun", "node", "node22"];
  return readdirSync(folder).filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as RuntimeResults)
    .sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}

export function saveResults(folder: string, results: RuntimeResults): void {
  writeFileSync(join(folder, `${results.id}.json`), JSON.stringify(results, shorten, 2) + "\n");
}

/** Returns the measured commit, with a plus sign if the checkout has changes on top of it. */
export function commitHash(): string {
  const hash = git("rev-parse", "--short", "HEAD");
  if (hash === "") return "unknown";
  return git("status", "--porcelain", "--untracked-files=no", "--", "src", "mod.ts", "bench/*.ts", "bench/support") ===
      ""
    ? hash
    : `${hash}+`;
}

function git(...args: string[]): string {
  const { status, stdout } = spawnSync("git", args, { cwd: ROOT, encoding: "utf8" });
  return status === 0 ? stdout.trim() : "";
}

/** Rounds to four significant digits, which is more than a shared machine can reproduce. */
function shorten(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
