/**
 * Finds the known word that is nearest to a misspelled one.
 *
 * @module
 */

/** The difference from which two words are considered unrelated. */
const FAR = 0.5;
/** The factor by which a prefix, such as a short form, counts as nearer. */
const SHORT_FORM = 0.5;

/** Returns the known words, the nearest first. */
export function byNearness(word: string, known: Iterable<string>): string[] {
  const rated = [...known].map((name): [string, number] => [name, difference(word, name)]);
  return rated.sort(([, a], [, b]) => a - b).map(([name]) => name);
}

/** Returns the known word that was probably meant, or undefined. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const [name] = byNearness(word, known);
  return name === undefined || difference(word, name) >= FAR ? undefined : name;
}

/** Returns the difference of two words, from 0 (equal except for case) to 1. */
function difference(word: string, name: string): number {
  const [a, b] = [word.toLowerCase(), name.toLowerCase()];
  const part = distance(a, b) / Math.max(a.length, b.length);
  return a !== "" && (a.startsWith(b) || b.startsWith(a)) ? part * SHORT_FORM : part;
}

/**
 * Returns the number of edits that turn one word into the other: a letter changed, added, removed, or swapped with the
 * next (optimal string alignment; Damerau 1964, A Technique for Computer Detection and Correction of Spelling Errors).
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
