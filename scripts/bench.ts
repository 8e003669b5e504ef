// Runs the benches on every runtime found and writes the report: `node scripts/run.mjs scripts/bench.ts [--quick]
// [--runtime deno,bun,node] [--bench peers,smallest_task] [--rounds 7] [--out folder]`.
//
// Results are kept per runtime in `bench/results/`, so that a run on one runtime keeps the results of the others. A quick run
// only checks that the benches work: it writes its results to a temporary folder.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { delay } from "@std/async";
import { familyOf, killFamily } from "../bench/support/process_tree.ts";
import { BENCHES, type BenchName, commitHash, loadResults, saveResults } from "./report_data.ts";
import { writeReports } from "./report.ts";
import { ROOT } from "./runner/root.ts";
import { findRuntimes, type FoundRuntime, unknownRuntimes } from "./runner/runtimes.ts";
import { seconds } from "./runner/table.ts";

/** Milliseconds after which a bench is considered hung. */
const DEADLINE = 15 * 60_000;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    runtime: { type: "string", multiple: true },
    bench: { type: "string" },
    rounds: { type: "string" },
    out: { type: "string" },
  },
});
const wanted = (values.runtime ?? []).flatMap((list) => list.split(","));
const unknown = unknownRuntimes(wanted);
if (unknown.length > 0) stop(`Cannot run benches: unknown runtime ${unknown.join(", ")}`);
// The oldest Node runs only on request: its results add little to those of Node 24.
const runtimes = findRuntimes(wanted.length > 0 ? wanted : ["deno", "bun", "node"]);
if (runtimes.length === 0) stop("Cannot find a runtime: run 'npm ci' first");
const benches = BENCHES.filter((name) => values.bench === undefined || values.bench.split(",").includes(name));
if (benches.length === 0) stop(`Cannot find the bench: use ${BENCHES.join(", ")}`);

const quick = values.quick ?? false;
const out = values.out ?? (quick ? mkdtempSync(join(tmpdir(), "heddle-bench-")) : join(ROOT, "bench"));
const results = join(out, "results");
mkdirSync(results, { recursive: true });
const failures: string[] = [];
for (const runtime of runtimes) {
  for (const bench of benches) await runBench(runtime, bench);
}
writeReports(out);
console.log(`\nWrote ${join(out, "README.md")} and ${join(out, "report.html")}`);
console.log(`${runtimes.length * benches.length - failures.length} passed, ${failures.length} failed`);
for (const failure of failures) console.log(`  ${failure}`);
process.exitCode = failures.length === 0 ? 0 : 1;

async function runBench(runtime: FoundRuntime, bench: BenchName): Promise<void> {
  const start = performance.now();
  console.log(`\n=== ${runtime.label}: ${bench}`);
  const json = join(results, `${runtime.id}.${bench}.tmp`);
  const busy = await measureBusy();
  const code = await run(runtime, bench, json);
  if (code === 0) {
    const saved = loadResults(results).find(({ id }) => id === runtime.id);
    const fresh = { [bench]: JSON.parse(readFileSync(json, "utf8")) as unknown };
    const origin = { id: runtime.id, label: runtime.label, commit: commitHash(), date: new Date().toISOString() };
    saveResults(results, { ...saved, ...fresh, ...origin, busy: { ...saved?.busy, [bench]: busy } });
  } else failures.push(`${runtime.label}: ${bench} ${code}`);
  rmSync(json, { force: true });
  console.log(`--- ${runtime.label}: ${bench} took ${seconds(performance.now() - start)}`);
}

/** Measures the share of all cores in use over one second, while this program is idle. */
async function measureBusy(): Promise<number> {
  const before = cpus();
  await delay(1_000);
  let [idle, all] = [0, 0];
  for (const [i, { times }] of cpus().entries()) {
    const earlier = before[i]!.times;
    idle += times.idle - earlier.idle;
    for (const part of Object.keys(times) as (keyof typeof times)[]) all += times[part] - earlier[part];
  }
  return all === 0 ? 0 : Math.max(0, 1 - idle / all);
}

/** Runs one bench. Returns its exit code as a number, or the reason why it was ended as a text. */
function run(runtime: FoundRuntime, bench: BenchName, json: string): Promise<number | string> {
  const file = join(ROOT, "bench", `${bench}.ts`);
  const flags = ["--json", json, ...quick ? ["--quick"] : [], ...values.rounds ? ["--rounds", values.rounds] : []];
  const args = [...runtime.id === "deno" ? ["run", "-A", "--quiet"] : [], file, ...flags];
  return new Promise((resolve) => {
    const child = spawn(runtime.binary, args, { stdio: "inherit" });
    const deadline = setTimeout(() => end("hung and was killed"), DEADLINE);
    const interrupt = (): void => {
      end("interrupted");
      process.exit(130);
    };
    process.once("SIGINT", interrupt);
    child.once("error", (error) => settle(`cannot start: ${error.message}`));
    child.once("exit", (code, signal) => settle(code === 0 ? 0 : `ended with ${signal ?? code}`));

    function end(reason: string): void {
      killFamily(familyOf(child.pid!));
      settle(reason);
    }
    function settle(outcome: number | string): void {
      clearTimeout(deadline);
      process.off("SIGINT", interrupt);
      resolve(outcome);
    }
  });
}

function stop(message: string): never {
  console.error(message);
  process.exit(2);
}
