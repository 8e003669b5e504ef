// Processes that share no memory fill one dictionary with the count of each word in this repository.
//
//   deno run -A scripts/examples/shared_dictionary.ts [folder...] [--processes 4]        (or bun, or node)
//
// The dictionary is an object of a Manager. It is in the main process, which serves the others: each call is a message and an
// answer. `get` and `set` are two calls, so `set` overwrites what another process has set in between; `update` is one call.

import { Barrier, Manager, Process } from "@heddle/heddle";
import { table } from "../runner/table.ts";
import { countAll, getAndSet, update } from "./dictionary_tasks.ts";
import { filesBelow, mostFrequent } from "./support/files_below.ts";
import { runWithNumbers } from "./support/numbers.ts";
import { ExampleError, inSeconds } from "./support/run_example.ts";

type Counts = Map<string, number>;

async function runDictionary({ processes }: { processes: number }, folders: string[]): Promise<void> {
  const paths: string[] = [];
  for await (const path of filesBelow(folders)) paths.push(path);
  const expected = await countAll(paths);
  const total = sumOf(expected);
  console.log(`${paths.length} files, ${total} words, ${expected.size} different ones\n`);

  const rows = [[`${processes} processes fill a dictionary`, "words", "lost", "time"]];
  let found: Counts = new Map();
  for (const [name, fill] of [["with get and set", getAndSet], ["with update", update]] as const) {
    const start = performance.now();
    found = await fillTogether(fill, paths, processes);
    const words = sumOf(found);
    rows.push([name, String(words), String(total - words), inSeconds(performance.now() - start)]);
  }
  console.log(table(rows));
  for (const [word, count] of expected) {
    if (found.get(word) === count) continue;
    throw new ExampleError(`Wrong results: the count of '${word}' is ${found.get(word)} instead of ${count}`);
  }
  console.log(`\nWith update, no word was lost. The most frequent: ${mostFrequent(found, 5)}.`);
}

/** Gives each process its share of the files, and returns the final entries of the dictionary. */
async function fillTogether(fill: typeof update, paths: string[], count: number): Promise<Counts> {
  const manager = new Manager();
  const dictionary = manager.map<string, number>();
  const meeting = new Barrier(count);
  const processes = Array.from({ length: count }, (_, i) => {
    const share = paths.filter((_, place) => place % count === i);
    return new Process(fill, [dictionary, share, meeting], { name: `counter ${i + 1}` }).start();
  });
  try {
    await Promise.all(processes.map(({ result }) => result));
    return new Map(await dictionary.entries());
  } finally {
    // If a process has failed, the others must not wait for it.
    meeting.abort();
    await Promise.all(processes.map((process) => process.join()));
    await manager.shutdown();
  }
}

function sumOf(counts: Counts): number {
  return [...counts.values()].reduce((a, b) => a + b, 0);
}

if (import.meta.main) await runWithNumbers({ processes: 4 }, runDictionary);
