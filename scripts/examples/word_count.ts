// Counts the words of all text files below a folder: on one thread, on threads and in processes.
//
//   deno run -A scripts/examples/word_count.ts [folder] [--workers 4] [--limit 1000]        (or bun, or node)
//
// The folder is walked lazily and handed to the pools in batches; a pool takes only a few of them ahead. Binary files
// and those that cannot be read are skipped and counted. Links are not followed.

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
import { ExampleError, type ExampleOptions, inSeconds, runExample, speedUp } from "./support/run_example.ts";
import { requireFolder, walk, WalkLog } from "./support/walk.ts";

/** This repository, with its node_modules. */
const DEFAULT_FOLDER = fileURLToPath(new URL("../../", import.meta.url));
const MOST_FREQUENT = 10;

/**
 * Counts in all three ways and prints what each found, how long it took and the most frequent words.
 *
 * @throws {ExampleError} if there is no such folder, or if the ways disagree.
 */
export async function runWordCount(options: ExampleOptions, signal: AbortSignal): Promise<void> {
  const folder = options.folder ?? DEFAULT_FOLDER;
  await requireFolder(folder);
  const job: CountJob = { folder, limit: options.limit, workers: options.workers, signal };
  const { files, fingerprint } = await survey(job);
  console.log(`${group(files)} ${files === 1 ? "file" : "files"} below ${options.folder ?? "this repository"}`);

  const outcomes: CountOutcome[] = [];
  for (const count of [countAlone, countOnThreads, countInProcesses]) outcomes.push(await count(job, files));
  console.log(`\n${tableOf(outcomes)}`);

  const counts = outcomes[0]!.counts;
  console.log(`\n${group(counts.size)} different words${counts.size > 0 ? "; the most frequent ones:" : ""}`);
  for (const [word, count] of mostFrequent(counts)) console.log(`${group(count).padStart(12)}  ${word}`);

  const different = outcomes.filter((outcome) => !agree(outcome, outcomes[0]!));
  if (different.length === 0) return console.log("\nAll three agree on every word.");
  const modes = different.map(({ mode }) => mode).join(" and ");
  if (fingerprint === await fingerprintOf(folder)) {
    throw new ExampleError(`Cannot trust the counts: ${modes} found other words than one thread`);
  }
  console.log(`\nThe folder has changed meanwhile, so ${modes} found other words than one thread.`);
}

function tableOf(outcomes: readonly CountOutcome[]): string {
  const head = ["", "time", "speed-up", "files/s", "MB/s", "text files", "binary", "unreadable", "words"];
  const alone = outcomes[0]!.time;
  const rows = outcomes.map(({ mode, time, tally }) => [
    mode,
    inSeconds(time),
    speedUp(alone, time),
    group(Math.round((tally.files + tally.binary + tally.unreadable) / (time / 1_000))),
    (tally.bytes / 1_000 / time).toFixed(1),
    group(tally.files),
    group(tally.binary),
    group(tally.unreadable),
    group(tally.words),
  ]);
  return table([head, ...rows]);
}

/** The most frequent words; equally frequent ones in the order of their characters. */
function mostFrequent(counts: Map<string, number>): [word: string, count: number][] {
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, MOST_FREQUENT);
}

function agree(a: CountOutcome, b: CountOutcome): boolean {
  if (JSON.stringify(a.tally) !== JSON.stringify(b.tally) || a.counts.size !== b.counts.size) return false;
  for (const [word, count] of a.counts) if (b.counts.get(word) !== count) return false;
  return true;
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
