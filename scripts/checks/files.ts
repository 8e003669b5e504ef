// Checks the length of files, that each has a test, and that none contains forbidden text.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../runner/root.ts";
import type { Check, Finding } from "./check.ts";
import { blank, library, lineOf, list, read } from "./sources.ts";

const MOST_LINES = 300;

/** Limits the length of files. A longer one gives the reason in its first comment, beginning with "Longer than". */
export const sizes: Check = {
  name: `files have at most ${MOST_LINES} lines of code`,
  run: () =>
    code().flatMap((path) => {
      const { text } = read(path);
      const lines = blank(text, { strings: false }).split("\n").filter((line) => line.trim() !== "").length;
      const excused = /Longer than/.test(text.slice(0, text.indexOf("\nimport")));
      return lines <= MOST_LINES || excused ? [] : [{ file: path, message: `Has ${lines} lines of code: split it` }];
    }),
};

/** Every source has a test at the corresponding path. */
export const tested: Check = {
  name: "every source has a test of the same path",
  advises: true,
  run: () =>
    library().map(({ path }) => path).filter((path) => !/(^|\/)(mod|types)\.ts$/.test(path)).flatMap(
      (path) => {
        const test = path.replace(/^src\//, "tests/").replace(/\.ts$/, "_test.ts");
        return existsSync(join(ROOT, test)) ? [] : [{ file: path, message: `Has no test ${test}` }];
      },
    ),
};

/** No test is skipped without a reason, and no test runs alone. */
export const noStrayTests: Check = {
  name: "no test is skipped, postponed or run alone",
  run: () => {
    const stray = /\b(?:test|it|describe)\.(?:only|todo|skip)\b|\b(?:only|todo):\s*true|\bskip:\s*true/g;
    return list("tests").filter(isCode).flatMap((path) =>
      search(path, blank(read(path).text), stray, "needs a named constant with its reason, or must be removed")
    );
  },
};

/** No file names a machine path or is marked as unfinished. */
export const stray: Check = {
  name: "no machine paths, registry hosts or marks of unfinished work",
  run: () =>
    list(".").filter(isText).filter((path) => path !== "package-lock.json").flatMap((path) => {
      const { text } = read(path);
      return [
        ...search(
          path,
          text,
          /(?<![.\w-])\/(?:work|root|home|tmp|Users)\/[a-z]\w*/g,
          "is a path of one machine",
        ),
        ...search(path, text, /\bregistry\.npm(?:js)?\b|\bnpm\.jsr\b/g, "is the host of a registry"),
        ...search(path, text, /\b(?:TO[D]O|FIX[M]E|X{3})\b/g, "marks unfinished work"),
      ];
    }),
};

/** The lock file names packages and hashes, but not the registry that delivered them. */
export const lockFile: Check = {
  name: "package-lock.json names no registry",
  run: () =>
    search(
      "package-lock.json",
      read("package-lock.json").text,
      /"resolved": "(?!scripts\/offline\/)[^"]*"/g,
      "is not allowed: see .npmrc",
    ),
};

function code(): string[] {
  return list(".").filter(isCode);
}

function isCode(path: string): boolean {
  return /\.(?:ts|mjs|cjs|js)$/.test(path);
}

function isText(path: string): boolean {
  return isCode(path) || /\.(?:md|json|toml|yml|py|sh)$|^\.ci\/run$|^\.npmrc$/.test(path);
}

function search(file: string, text: string, pattern: RegExp, message: string): Finding[] {
  return [...text.matchAll(pattern)].map((match) => ({
    file,
    line: lineOf(text, match.index),
    message: `'${match[0]}' ${message}`,
  }));
}
