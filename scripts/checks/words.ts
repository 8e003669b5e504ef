// Checks the vocabulary: one word for each idea. Lists the words and phrases that were replaced, in one place.

import type { Check, Finding } from "./check.ts";
import { blank, lineOf, list, read } from "./sources.ts";

/** Parts of identifiers and of file names, each with the word that replaced it. */
const RETIRED: ReadonlyMap<string, string> = new Map([
  ["crew", "supervisor"],
  ["ladder", "abort"],
  ["ledger", "settlement, or journal of a queue"],
  ["endings", "retries"],
  ["baggage", "out-of-band data"],
  ["tally", "counter"],
  ["patience", "spin"],
  ["lookout", "busy poll"],
  ["learner", "estimator"],
  ["turnstile", "wait source"],
  ["passage", "wait source"],
  ["rouse", "wake"],
  ["mend", "recover"],
  ["solo", "single worker"],
  ["rival", "peer"],
  ["rivals", "peers"],
  ["floors", "layers"],
]);

/** Phrases of comments, messages and documents. */
const PHRASES = new RegExp(
  `\\b(?:${
    [
      "whoever|nobody|somebody|as ever|had better|so many|so often|is no more|of late|has no say|no more than these",
      "who waits|what waits|what runs|what is wrong|what (?:is|was) (?:told|given|held|meant)|whether one (?:is|can|may)",
      "makes? no sense|does what a model says|the very same|(?:from|until) when|begins? the messages?",
    ].join("|")
  })\\b`,
  "gi",
);
/** Free relative clauses as the subject of a comment. Questions are allowed. */
const CLAUSES = /^ *(?:\/\*\*|\*|\/\/) ((?:In |For )?(?:What|Who|Whom|How (?:many|much|long|often)))\b[^.?]*\.(?=\s)/gm;

const FOLDERS = ["src", "tests", "bench", "scripts"];
/** This file, and code that is not part of the library: copies of user programs that must stay as they are. */
const EXEMPT = /^scripts\/checks\/words\.ts$|^tests\/fixtures\/broken\//;

/** Identifiers and file names use the vocabulary. */
export const identifiers: Check = {
  name: "identifiers and file names use no retired words",
  run: () =>
    files(/\.ts$/).flatMap((path) => {
      const code = blank(read(path).text);
      const findings = partsOf(path).flatMap((part) => finding(path, undefined, part));
      for (const { 0: name, index } of code.matchAll(/[A-Za-z_$][\w$]*/g)) {
        for (const part of partsOf(name)) findings.push(...finding(path, lineOf(code, index), part));
      }
      return findings;
    }),
};

/** Texts use the vocabulary. */
export const phrases: Check = {
  name: "comments, messages and documents use no retired phrases",
  run: () =>
    files(/\.(?:ts|md)$/).flatMap((path) => {
      const { text } = read(path);
      const found = [...text.matchAll(PHRASES)].map(({ 0: phrase, index }) => ({ phrase, index }));
      for (const { 1: phrase, index } of text.matchAll(CLAUSES)) found.push({ phrase: phrase!, index });
      return found.map(({ phrase, index }) => ({
        file: path,
        line: lineOf(text, index),
        message: `'${phrase}': name the thing, the caller or the number`,
      }));
    }),
};

function files(kind: RegExp): string[] {
  return FOLDERS.flatMap(list).filter((path) => kind.test(path) && !EXEMPT.test(path));
}

/** Splits `camelCase`, `CONSTANT_CASE` and paths into lower-case words. */
function partsOf(name: string): string[] {
  const words = name === name.toUpperCase() ? name : name.replace(/([a-z0-9])([A-Z])/g, "$1_$2");
  return words.toLowerCase().split(/[^a-z]+/);
}

function finding(file: string, line: number | undefined, part: string): Finding[] {
  const word = RETIRED.get(part);
  return word === undefined ? [] : [{ file, ...(line && { line }), message: `'${part}' is retired: say ${word}` }];
}
