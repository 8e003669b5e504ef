// Tasks of shared_dictionary.ts, in a module of their own: every worker loads the module of its task.

import type { ManagedMap } from "@heddle/heddle/shared";
import type { Barrier } from "@heddle/heddle/sync";
import { type Task, task } from "@heddle/heddle/task";
import { WordTable } from "./support/word_table.ts";
import { countFiles, newTotals } from "./word_tasks.ts";

/** The count of each word: one map, shared by all processes. */
export type Dictionary = ManagedMap<string, number>;

type Fill = Task<[dictionary: Dictionary, paths: string[], meeting: Barrier], Promise<void>>;

/** Counts the words of files locally, so that each word costs one call of the shared map and not one per occurrence. */
export async function countAll(paths: string[]): Promise<Map<string, number>> {
  const words = new WordTable();
  await countFiles(paths, words, newTotals());
  return new Map(words);
}

/** Reads the dictionary, adds, and writes: three steps, and other processes run theirs in between. */
export const getAndSet: Fill = task(
  import.meta,
  async function getAndSet(dictionary: Dictionary, paths: string[], meeting: Barrier): Promise<void> {
    const counts = [...await countAll(paths)];
    const before = await Promise.all(counts.map(([word]) => dictionary.get(word)));
    // Without the barrier updates would be lost occasionally; with it, every time.
    await meeting.wait();
    await Promise.all(counts.map(([word, count], i) => dictionary.set(word, (before[i] ?? 0) + count)));
  },
);

/** Requests the addition, which the owner of the dictionary performs in one step. */
export const update: Fill = task(
  import.meta,
  async function update(dictionary: Dictionary, paths: string[], meeting: Barrier): Promise<void> {
    const counts = [...await countAll(paths)];
    await meeting.wait();
    await Promise.all(counts.map(([word, count]) => dictionary.update(word, add, count)));
  },
);

/** The function that the owner applies to a count. */
export const add: Task<[before: number | undefined, count: number], number> = task(
  import.meta,
  function add(before: number | undefined, count: number): number {
    return (before ?? 0) + count;
  },
);
