/**
 * Which of a few words was meant.
 *
 * @module
 */

/** Words that differ in this part of their length or more were hardly meant for each other. */
const FAR = 0.5;
/** How much nearer a word is that the other one begins with, such as a short form. */
const SHORT_FORM = 0.5;

/** Returns the known words, the nearest one first. */
export function byNearness(word: string, known: Iterable<string>): string[] {
  const rated = [...known].map((name): [string, number] => [name, difference(word, name)]);
  return rated.sort(([, a], [, b]) => a - b).map(([name]) => name);
}

/** Returns the known word that was probably meant, if there is one. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const [name] = byNearness(word, known);
  return name === undefined || difference(word, name) >= FAR ? undefined : name;
}

/** From 0 for words that are the same but for capitals, to 1. */
function difference(word: string, name: string): number {
  const [a, b] = [word.toLowerCase(), name.toLowerCase()];
  const part = distance(a, b) / Math.max(a.length, b.length);
  return a !== "" && (a.startsWith(b) || b.startsWith(a)) ? part * SHORT_FORM : part;
}

/**
 * How many letters to change, add, leave out or swap with the next one to make one word of another (optimal string alignment;
 * Damerau 1964, A Technique for Computer Detection and Correction of Spelling Errors).
 */
function distance(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let k = 1; k <= to.length; k++) {
      const same = from[i - 1] === to[k - 1];
      next[k] = Math.min(row[k]! + 1, next[k - 1]! + 1, row[k - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && k > 1 && from[i - 1] === to[k - 2] && from[i - 2] === to[k - 1];
      if (swapped) next[k] = Math.min(next[k]!, before[k - 2]! + 1);
    }
    [before, row] = [row, next];
  }
  return row[to.length]!;
}
