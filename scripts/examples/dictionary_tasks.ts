// The tasks of shared_dictionary.ts. They have a module of their own, as every worker loads the module its task is in.

import type { ManagedMap } from "@heddle/heddle/shared";
import type { Barrier } from "@heddle/heddle/sync";
import { type Task, task } from "@heddle/heddle/task";
import { WordTable } from "./support/word_table.ts";
import { countFiles, newTally } from "./word_tasks.ts";

/** How often each word occurs: one map, whichever process asks. */
export type Dictionary = ManagedMap<string, number>;

type Fill = Task<[dictionary: Dictionary, paths: string[], meeting: Barrier], Promise<void>>;

/** Counts the words of files by itself. What is shared is asked for once per word then, and not at each occurrence. */
export async function countAll(paths: string[]): Promise<Map<string, number>> {
  const words = new WordTable();
  await countFiles(paths, words, newTally());
  return new Map(words);
}

/** Reads what the dictionary says, adds to it and writes that: three steps, with those of others in between. */
export const getAndSet: Fill = task(
  import.meta,
  async function getAndSet(dictionary: Dictionary, paths: string[], meeting: Barrier): Promise<void> {
    const counts = [...await countAll(paths)];
    const before = await Promise.all(counts.map(([word]) => dictionary.get(word)));
    // Now and then this would happen by chance; with a meeting it happens every time.
    await meeting.wait();
    await Promise.all(counts.map(([word, count], i) => dictionary.set(word, (before[i] ?? 0) + count)));
  },
);

/** Asks for the addition, which takes place where the dictionary is, in one step. */
export const update: Fill = task(
  import.meta,
  async function update(dictionary: Dictionary, paths: string[], meeting: Barrier): Promise<void> {
    const counts = [...await countAll(paths)];
    await meeting.wait();
    await Promise.all(counts.map(([word, count]) => dictionary.update(word, add, count)));
  },
);

/** What becomes of a count. */
export const add: Task<[before: number | undefined, count: number], number> = task(
  import.meta,
  function add(before: number | undefined, count: number): number {
    return (before ?? 0) + count;
  },
);
