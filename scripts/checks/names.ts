// Checks names that only certain files may use: hosts, shared memory and timers.

import type { Check, Finding } from "./check.ts";
import { blank, importsOf, library, lineOf, type Source } from "./sources.ts";

interface Rule {
  /** The forbidden name, in code: comments and strings are ignored. */
  pattern: RegExp;
  /** The files that may use it. */
  allowed: RegExp;
  message: string;
}

const HOST = "belongs in src/runtime: other files use the Runtime interface";

const HOSTS: Rule[] = [
  { pattern: /(?<![.\w$])(?:Deno|Bun)\s*[.[?]/g, allowed: /^src\/runtime\//, message: HOST },
  {
    pattern: /\bglobalThis\s*(?:\?\.|\.|\[)\s*(?:Deno|Bun|process|Worker)\b/g,
    allowed: /^src\/runtime\//,
    message: HOST,
  },
  { pattern: /(?<![.\w$])process\s*(?:\?\.|\.)\s*\w/g, allowed: /^src\/runtime\//, message: HOST },
  { pattern: /\bnew\s+(?:Worker|BroadcastChannel)\b/g, allowed: /^src\/runtime\//, message: HOST },
];

const ATOMICS: Rule[] = [{
  pattern: /\bAtomics\b/g,
  allowed: /^src\/core\/cell\.ts$/,
  message: "belongs in src/core/cell.ts, so that tests can substitute the memory",
}];

const TIMERS: Rule[] = [{
  pattern: /(?<!typeof\s)(?<![.\w$])(?:setTimeout|setInterval|setImmediate)\b/g,
  allowed: /^src\/(?:time\/system_clock\.ts$|runtime\/)/,
  message: "belongs in src/time/system_clock.ts or src/runtime: other files use the clock",
}];

/** Only their adapters name hosts. */
export const hosts: Check = {
  name: "hosts are named in src/runtime only",
  run: () => library().flatMap((source) => [...find(source, HOSTS), ...nodeImports(source)]),
};

/** One file accesses shared memory. */
export const atomics: Check = {
  name: "Atomics is named in src/core/cell.ts only",
  run: () => library().flatMap((source) => find(source, ATOMICS)),
};

/** All time comes from one clock. */
export const timers: Check = {
  name: "timers are set in src/time/system_clock.ts and src/runtime only",
  run: () => library().flatMap((source) => find(source, TIMERS)),
};

function find({ path, text }: Source, rules: Rule[]): Finding[] {
  const code = blank(text);
  return rules.filter(({ allowed }) => !allowed.test(path)).flatMap(({ pattern, message }) =>
    [...code.matchAll(pattern)].map((match) => ({
      file: path,
      line: lineOf(code, match.index),
      message: `'${match[0].trim()}' ${message}`,
    }))
  );
}

function nodeImports(source: Source): Finding[] {
  if (source.path.startsWith("src/runtime/")) return [];
  const found = importsOf(source).filter(({ specifier }) => /^(?:node|bun|deno):/.test(specifier));
  return found.map(({ specifier, line }) => ({ file: source.path, line, message: `'${specifier}' ${HOST}` }));
}
