// Finds the text files for the word examples and formats frequent words.

import { fileURLToPath } from "node:url";
import { requireFolder, walk, WalkLog } from "./walk.ts";

/** The folders of this repository that hold text, without installed packages. */
const OWN = ["src", "tests", "scripts"];

/** Yields the files below some folders, or below those of this repository if none are given. */
export async function* filesBelow(given: readonly string[]): AsyncGenerator<string> {
  const own = OWN.map((name) => fileURLToPath(new URL(`../../../${name}/`, import.meta.url)));
  for (const folder of given.length > 0 ? given : own) {
    await requireFolder(folder);
    for await (const { path } of walk(folder, new WalkLog())) yield path;
  }
}

/** Formats the most frequent words with their counts. */
export function mostFrequent(counts: Iterable<[word: string, count: number]>, most: number): string {
  const order = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return order.slice(0, most).map(([word, count]) => `${word} ${count}`).join(", ");
}
