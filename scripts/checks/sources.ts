// Reads the files that rules check, and blanks out their comments and strings, so that rules about code ignore prose. Blanking
// keeps every line break and every column.

import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { ROOT } from "../runner/root.ts";

const SKIPPED = new Set(["node_modules", ".git", ".cache", "coverage"]);

/** A file of the checkout. */
export interface Source {
  path: string;
  text: string;
}

const cache = new Map<string, Source>();

/** Reads a file by its path from the root. */
export function read(path: string): Source {
  const known = cache.get(path);
  if (known !== undefined) return known;
  const source = { path, text: readFileSync(join(ROOT, path), "utf8") };
  cache.set(path, source);
  return source;
}

/** Lists the paths of all files below a folder, sorted. */
export function list(folder: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(folder, entry.name).split(sep).join("/");
    return entry.isDirectory() ? list(path) : entry.isFile() ? [path] : [];
  }).sort();
}

/** Reads the library: the root module and everything in src. */
export function library(): Source[] {
  return ["mod.ts", ...list("src")].filter((path) => path.endsWith(".ts")).map(read);
}

/** Returns the line of an offset, from 1. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** An import or re-export of another module. */
export interface Import {
  specifier: string;
  line: number;
}

/** Finds the modules that a source imports or re-exports, including dynamic imports of a plain string. */
export function importsOf({ text }: Source): Import[] {
  const code = blank(text, { strings: false });
  const found = code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)(["'])([^"'\n]+)\1/g);
  return [...found].map((match) => ({ specifier: match[2]!, line: lineOf(text, match.index) }));
}

const TOKEN = new RegExp(
  [
    String.raw`\/\/[^\n]*`,
    String.raw`\/\*[\s\S]*?\*\/`,
    String.raw`"(?:[^"\\\n]|\\.)*"`,
    String.raw`'(?:[^'\\\n]|\\.)*'`,
    // A template is blanked as a whole, including the code inside its braces, which no rule needs.
    "`(?:[^`\\\\]|\\\\[\\s\\S])*`",
    // A slash after an operator, a bracket or a keyword begins a regular expression.
    String
      .raw`(?<=(?:[=(,:;!&|?{}\[\n]|return|=>)\s*)\/(?![/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*`,
  ].join("|"),
  "g",
);

/** Replaces comments, and by default strings, with blanks. */
export function blank(text: string, { strings = true }: { strings?: boolean } = {}): string {
  return text.replace(TOKEN, (token) => {
    const comment = token.startsWith("//") || token.startsWith("/*");
    return comment || strings ? token.replace(/[^\n]/g, " ") : token;
  });
}
