// Counts the words of all text files below a folder on one thread, on threads and in processes.
//
//   deno run -A scripts/examples/word_count.ts [folder] [--workers 4] [--limit 1000]        (or bun, or node)
//
// The folder is walked once, lazily: a pool takes only a few batches ahead. All modes count the same batches. The program
// merges the words of each batch, and workers cannot share that work: so batches are large, and only the last ones are small.
// Binary and unreadable files are skipped and counted. Links are not followed.

import { fileURLToPath } from "node:url";
import { table } from "../runner/table.ts";
import {
  countAlone,
  countInProcesses,
  type CountJob,
  countOnThreads,
  type CountOutcome,
  survey,
} from "./support/count_modes.ts";
import { barChart } from "./support/bar_chart.ts";
import { ExampleError, type ExampleOptions, inSeconds, runExample, speedUp } from "./support/run_example.ts";
import { requireFolder, walk, WalkLog } from "./support/walk.ts";

/** This repository, including node_modules. */
const DEFAULT_FOLDER = fileURLToPath(new URL("../../", import.meta.url));
const MOST_FREQUENT = 10;
/** A speed-up is not reported below this time, in milliseconds: it would be noise. */
const LEAST = 50;

/**
 * Counts in all three ways and prints what each found, how long it took and the most frequent words.
 *
 * @throws {ExampleError} if there is no such folder, or if the ways disagree.
 */
export async function runWordCount(options: ExampleOptions, signal: AbortSignal): Promise<void> {
  const folder = options.folder ?? DEFAULT_FOLDER;
  await requireFolder(folder);
  const job: CountJob = { folder, limit: options.limit, workers: options.workers, signal };
  const found = await survey(job);
  const { files, fingerprint } = found;
  console.log(`${group(files)} ${files === 1 ? "file" : "files"} below ${options.folder ?? "this repository"}`);

  const outcomes: CountOutcome[] = [];
  for (const count of [countAlone, countOnThreads, countInProcesses]) outcomes.push(await count(job, found));
  console.log(`\n${tableOf(outcomes)}\n\n${chartOf(outcomes)}`);

  const words = outcomes[0]!.table;
  console.log(`\n${group(words.size)} different words${words.size > 0 ? "; the most frequent ones:" : ""}`);
  for (const [word, count] of words.mostFrequent(MOST_FREQUENT)) console.log(`${group(count).padStart(12)}  ${word}`);

  const different = outcomes.filter((outcome) => !agree(outcome, outcomes[0]!));
  if (different.length === 0) return console.log("\nAll three agree on every word.");
  const modes = different.map(({ mode }) => mode).join(" and ");
  if (fingerprint === await fingerprintOf(folder)) {
    throw new ExampleError(`Wrong counts: ${modes} and one thread found different words`);
  }
  console.log(`\nThe folder changed in the meantime, so ${modes} and one thread found different words.`);
}

function tableOf(outcomes: readonly CountOutcome[]): string {
  const head = ["", "time", "start-up", "files/s", "MB/s", "text files", "binary", "unreadable", "words"];
  const rows = outcomes.map(({ mode, time, startUp, totals }, i) => [
    mode,
    inSeconds(time),
    i === 0 ? "" : inSeconds(startUp),
    group(Math.round((totals.files + totals.binary + totals.unreadable) / (time / 1_000))),
    (totals.bytes / 1_000 / time).toFixed(1),
    group(totals.files),
    group(totals.binary),
    group(totals.unreadable),
    group(totals.words),
  ]);
  return table([head, ...rows]);
}

/** The speed-up of the workers after their start. */
function chartOf(outcomes: readonly CountOutcome[]): string {
  const rest = outcomes.map(({ time, startUp }) => time - startUp);
  // In a folder with few files, no time is left after the first batches.
  const gain = (i: number): string => rest[i]! < LEAST ? "" : `  ${speedUp(rest[0]!, rest[i]!)} after its start-up`;
  return barChart(outcomes.map(({ mode, time, startUp }, i) => ({
    label: mode,
    start: i === 0 ? 0 : startUp,
    time,
    note: i === 0 ? "" : gain(i),
  })));
}

function agree(a: CountOutcome, b: CountOutcome): boolean {
  return JSON.stringify(a.totals) === JSON.stringify(b.totals) && a.table.equals(b.table);
}

async function fingerprintOf(folder: string): Promise<string> {
  const log = new WalkLog();
  const files = walk(folder, log);
  while (!(await files.next()).done);
  return log.fingerprint;
}

function group(count: number): string {
  return count.toLocaleString("en");
}

if (import.meta.main) await runExample(runWordCount);
