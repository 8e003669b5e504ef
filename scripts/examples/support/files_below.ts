// The files that the examples about words read.

import { fileURLToPath } from "node:url";
import { requireFolder, walk, WalkLog } from "./walk.ts";

/** Where the text of this repository is, without what was installed. */
const OWN = ["src", "tests", "scripts"];

/** Finds the files below some folders, or below those of this repository if none are given. */
export async function* filesBelow(given: readonly string[]): AsyncGenerator<string> {
  const own = OWN.map((name) => fileURLToPath(new URL(`../../../${name}/`, import.meta.url)));
  for (const folder of given.length > 0 ? given : own) {
    await requireFolder(folder);
    for await (const { path } of walk(folder, new WalkLog())) yield path;
  }
}

/** Writes the words that occur most, each with how often it does. */
export function mostFrequent(counts: Iterable<[word: string, count: number]>, most: number): string {
  const order = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return order.slice(0, most).map(([word, count]) => `${word} ${count}`).join(", ");
}
